// Retention in MongoDB, on a rhythm of its own: says now and then how long to keep, and deletes where the server can't.
import type { Clock, Component, Log } from '../../../shared/ports.js';
import type { Range } from '../retention/what-may-go.js';

const ROUND_EVERY_MS = 600_000;

export interface MongoRetentionOptions {
  readonly store: { retain(mayGo: readonly Range[]): Promise<number> };
  /** What may be deleted by age. */
  readonly mayGo: () => readonly Range[];
  readonly clock: Clock;
  readonly log: Log;
}

export class RetentionInMongo implements Component {
  readonly name = 'retention in MongoDB';
  readonly #options: MongoRetentionOptions;
  #stopped = false;
  #cancel = (): void => undefined;

  constructor(options: MongoRetentionOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#stopped = false;
    this.#later();
    return Promise.resolve();
  }

  /** A round that is under way ends with the store. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    return Promise.resolve();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(ROUND_EVERY_MS, () => {
      void this.#round().finally(() => {
        if (!this.#stopped) this.#later();
      });
    });
  }

  /** Never rejects: while the server is away the delivery says so, and the next round comes. */
  async #round(): Promise<void> {
    const { store, mayGo, log } = this.#options;
    try {
      const removed = await store.retain(mayGo());
      if (removed > 0) log.info({ removed }, 'documents older than recorder.keep were deleted in MongoDB');
    } catch (err) {
      if (!this.#stopped) log.warn({ err }, 'retention in MongoDB failed; it is tried again in ten minutes');
    }
  }
}
