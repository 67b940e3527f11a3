// A pause in a device's polling, asked for by somebody, that ends by itself.
import type { Clock } from '../../shared/ports.js';

export class PollPause {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #until: number | undefined;
  /** Monotonic. */
  #endMs = 0;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Epoch ms at which it ends; undefined where there is none. */
  get until(): number | undefined {
    return this.#until;
  }

  /** Begins, or takes the place of the one that runs. */
  begin(forMs: number): void {
    this.#cancel();
    this.#until = this.#clock.now() + forMs;
    this.#endMs = this.#clock.monotonicMs() + forMs;
    this.#cancel = this.#clock.after(forMs, () => {
      this.end();
    });
  }

  /** Whether there was one. */
  end(): boolean {
    if (this.#until === undefined) return false;
    this.stop();
    this.#onEnd();
    return true;
  }

  /** Ends it without a word. Milliseconds that were left of it; 0 where there was none. */
  stop(): number {
    this.#cancel();
    const leftMs = this.#until === undefined ? 0 : Math.max(0, this.#endMs - this.#clock.monotonicMs());
    this.#until = undefined;
    return leftMs;
  }
}
