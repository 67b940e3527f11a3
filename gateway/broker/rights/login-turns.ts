// Logins of one address one after the other: side by side they would all be tried before the first has failed.
import PQueue from 'p-queue';

/** Of one address; more are turned away. */
const MOST_WAITING = 200;

export class LoginTurns {
  readonly #byAddress = new Map<string, PQueue>();

  /** How many of the address are ahead of the next. */
  ahead(address: string): number {
    const queue = this.#byAddress.get(address);
    return queue === undefined ? 0 : queue.size + queue.pending;
  }

  /** Undefined where too many wait already. */
  take<T>(address: string, login: () => Promise<T>): Promise<T> | undefined {
    const queue = this.#byAddress.get(address) ?? new PQueue({ concurrency: 1 });
    if (queue.size >= MOST_WAITING) return undefined;
    this.#byAddress.set(address, queue);
    return queue.add(login).finally(() => {
      if (queue.size === 0 && queue.pending === 0) this.#byAddress.delete(address);
    });
  }
}
