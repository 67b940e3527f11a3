// How many filters each connected client has: aedes takes any number, and every message is matched against all of them.
// Those of persistent sessions are counted by their store.
import type { Client } from 'aedes';
import type { BrokerLimits } from './limits.js';

export class SubscriptionCount {
  readonly #limits: Pick<BrokerLimits, 'maxSubscriptions' | 'maxTopicBytes'>;
  readonly #filters = new WeakMap<Client, Set<string>>();
  #ofCleanSessions = 0;

  constructor(limits: Pick<BrokerLimits, 'maxSubscriptions' | 'maxTopicBytes'>) {
    this.#limits = limits;
  }

  /** Filters of clients whose sessions end with their connections. */
  get ofCleanSessions(): number {
    return this.#ofCleanSessions;
  }

  /** Whether the client may have this filter too; one it has already it may have again. */
  admit(client: Client, filter: string): boolean {
    if (Buffer.byteLength(filter) > this.#limits.maxTopicBytes) return false;
    const filters = this.#filters.get(client) ?? new Set();
    this.#filters.set(client, filters);
    if (filters.has(filter)) return true;
    if (filters.size >= this.#limits.maxSubscriptions) return false;
    filters.add(filter);
    if (client.clean) this.#ofCleanSessions++;
    return true;
  }

  remove(client: Client, filters: readonly string[]): void {
    for (const filter of filters)
      if (this.#filters.get(client)?.delete(filter) === true && client.clean) this.#ofCleanSessions--;
  }

  /** The client is gone. */
  closed(client: Client): void {
    this.remove(client, [...(this.#filters.get(client) ?? [])]);
  }
}
