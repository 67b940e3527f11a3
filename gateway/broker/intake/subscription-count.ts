// How many filters each connected client has: aedes takes any number, and every message is matched against all of them.
// Those of persistent sessions are counted by their store.
import type { Client } from 'aedes';
import type { BrokerLimits } from '../mqtt/limits.js';
import { levelsOf } from '../mqtt/topic-filter.js';

type SubscriptionLimits = Pick<
  BrokerLimits,
  | 'maxSubscriptions'
  | 'maxFilterLevels'
  | 'maxFilterLevelsTotal'
  | 'maxFilterBytes'
  | 'maxFilterBytesTotal'
  | 'maxTopicBytes'
>;

interface Filters {
  /** When they were counted: a DISCONNECT of MQTT 5 may end a session that would have outlived its connection. */
  readonly isClean: boolean;
  readonly all: Set<string>;
  /** Of all of them. */
  levels: number;
  bytes: number;
}

export class SubscriptionCount {
  readonly #limits: SubscriptionLimits;
  readonly #filters = new WeakMap<Client, Filters>();
  #ofCleanSessions = 0;
  #bytesOfCleanSessions = 0;
  #levels = 0;
  #bytes = 0;

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  /** Filters of clients whose sessions end with their connections. */
  get ofCleanSessions(): number {
    return this.#ofCleanSessions;
  }

  get bytesOfCleanSessions(): number {
    return this.#bytesOfCleanSessions;
  }

  /** Whether the client may have this filter too; one it has already it may have again. */
  admit(client: Client, filter: string): boolean {
    const bytes = Buffer.byteLength(filter);
    if (bytes > this.#limits.maxTopicBytes) return false;
    const filters = this.#filters.get(client) ?? {
      isClean: client.clean,
      all: new Set(),
      levels: 0,
      bytes: 0,
    };
    this.#filters.set(client, filters);
    if (filters.all.has(filter)) return true;
    const { maxSubscriptions, maxFilterLevels, maxFilterLevelsTotal } = this.#limits;
    const levels = levelsOf(filter);
    if (filters.all.size >= maxSubscriptions || filters.levels + levels > maxFilterLevels) return false;
    if (filters.bytes + bytes > this.#limits.maxFilterBytes) return false;
    if (this.#levels + levels > maxFilterLevelsTotal) return false;
    if (this.#bytes + bytes > this.#limits.maxFilterBytesTotal) return false;
    filters.all.add(filter);
    this.#count(filters, { levels, bytes }, 1);
    return true;
  }

  remove(client: Client, filters: readonly string[]): void {
    const known = this.#filters.get(client);
    if (known === undefined) return;
    for (const filter of filters) {
      if (!known.all.delete(filter)) continue;
      const size = { levels: levelsOf(filter), bytes: Buffer.byteLength(filter) };
      this.#count(known, size, -1);
    }
  }

  /** The client is gone. */
  closed(client: Client): void {
    this.remove(client, [...(this.#filters.get(client)?.all ?? [])]);
  }

  #count(filters: Filters, { levels, bytes }: Pick<Filters, 'levels' | 'bytes'>, sign: 1 | -1): void {
    filters.levels += sign * levels;
    filters.bytes += sign * bytes;
    this.#levels += sign * levels;
    this.#bytes += sign * bytes;
    if (!filters.isClean) return;
    this.#ofCleanSessions += sign;
    this.#bytesOfCleanSessions += sign * bytes;
  }
}
