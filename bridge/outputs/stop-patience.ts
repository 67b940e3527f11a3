// How long a stop waits for what runs: on a bus that hangs it would be for ever, and nobody would get an answer.
import type { Clock } from '../../shared/ports.js';

/** Below the 2 s that a part has to stop: the answers shall still leave. */
const PATIENCE_MS = 1500;

export class StopPatience {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** From now on there are 1.5 s left. The returned function ends the counting. */
  begin(): () => void {
    return this.#clock.after(PATIENCE_MS, () => {
      this.#isOver = true;
      for (const giveUp of this.#waiting) giveUp();
    });
  }

  /** Settles as `work` does; rejects with `why()` where that takes longer than there is patience. */
  within<T>(work: Promise<T>, why: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        reject(why());
      };
      this.#waiting.add(giveUp);
      void work.then(resolve, reject).finally(() => this.#waiting.delete(giveUp));
      if (this.#isOver) giveUp();
    });
  }
}
