// When a command's conversation has to end before its steps do: its time is over, or a safe write of the device waits behind
// it. What runs on the wire then ends by itself; no further step is made.
import { GatewayError } from '../../../shared/errors.js';
import type { Clock } from '../../../shared/ports.js';

/** So long a safe write lets the steps go on. */
const PATIENCE_MS = 200;

export class TalkEnd {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #control = new AbortController();
  readonly #cancelDeadline: () => void;
  #cancelHurry: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>, deadlineMs: number) {
    this.#clock = clock;
    this.#cancelDeadline = clock.after(deadlineMs, () => {
      this.#end(
        `The steps of this command took longer than ${String(deadlineMs)} ms; the rest was not made.`,
      );
    });
  }

  /** Aborted with an error that says why. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** A safe write waits. May be called again. */
  hurry(): void {
    this.#cancelHurry ??= this.#clock.after(PATIENCE_MS, () => {
      this.#end('A safe write of the device went before the rest of this command.');
    });
  }

  /** The conversation has ended. */
  over(): void {
    this.#cancelDeadline();
    this.#cancelHurry?.();
  }

  #end(message: string): void {
    this.#control.abort(new GatewayError('overdue', message));
  }
}
