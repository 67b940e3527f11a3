// How many filters each connected client has: aedes takes any number, and every message is matched against all of them.
import type { Client } from 'aedes';
import type { BrokerLimits } from './limits.js';

export class SubscriptionCount {
  readonly #limits: Pick<BrokerLimits, 'maxSubscriptions' | 'maxTopicBytes'>;
  readonly #filters = new WeakMap<Client, Set<string>>();

  constructor(limits: Pick<BrokerLimits, 'maxSubscriptions' | 'maxTopicBytes'>) {
    this.#limits = limits;
  }

  /** Whether the client may have this filter too; one it has already it may have again. */
  admit(client: Client, filter: string): boolean {
    if (Buffer.byteLength(filter) > this.#limits.maxTopicBytes) return false;
    const filters = this.#filters.get(client) ?? new Set();
    this.#filters.set(client, filters);
    if (filters.size >= this.#limits.maxSubscriptions && !filters.has(filter)) return false;
    filters.add(filter);
    return true;
  }

  remove(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#filters.get(client)?.delete(filter);
  }
}
