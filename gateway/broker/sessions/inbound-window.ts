// How many QoS 2 messages of one connection may be half-done at once. Of the connection, not of its session: who has lost
// the identifiers of an earlier one could never send again. aedes 2 has no bound of its own, as 1.2 had.
import type { ClientRef } from './persistence-state.js';

/** Of the error that ends the connection. */
export const TOO_MANY_HALF_DONE = 'too many half-done messages of QoS 2 at once';

export class InboundWindow {
  readonly #most: number;
  readonly #ids = new WeakMap<ClientRef, Set<number>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the client may begin this one too. */
  admits(client: ClientRef, messageId: number): boolean {
    const ids = this.#ids.get(client) ?? new Set();
    this.#ids.set(client, ids);
    if (ids.size >= this.#most && !ids.has(messageId)) return false;
    ids.add(messageId);
    return true;
  }

  released(client: ClientRef, messageId: number): void {
    this.#ids.get(client)?.delete(messageId);
  }
}
