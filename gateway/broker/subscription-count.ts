// How many filters each connected client has: aedes takes any number, and every message is matched against all of them.
import type { Client } from 'aedes';

export class SubscriptionCount {
  readonly #most: number;
  readonly #filters = new WeakMap<Client, Set<string>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the client may have this filter too; one it has already it may have again. */
  admit(client: Client, filter: string): boolean {
    const filters = this.#filters.get(client) ?? new Set();
    this.#filters.set(client, filters);
    if (filters.size >= this.#most && !filters.has(filter)) return false;
    filters.add(filter);
    return true;
  }

  remove(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#filters.get(client)?.delete(filter);
  }
}
