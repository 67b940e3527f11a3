// Whether a bus still moves. One that fails or hangs is helped by its own recovery, which takes a step after each few seconds
// and says it; one that has something to do and takes no step at all is beyond that.
import { GatewayError } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';

/** A hang is given up after 5 s, its process after 2 more, and its end awaited for 3; opening may take 20. */
const STEP_WITHIN_MS = 30_000;

export interface BusMoves {
  /** Something was begun that has to end: it is being opened, or has a transaction. */
  readonly owes: boolean;
  /** Another text after each step: what began, what failed, what the recovery did. */
  readonly mark: string;
}

export class BusPulse {
  readonly #name: string;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #withinMs: number;
  #mark = '';
  #sinceMs = 0;

  /** `hookWithinMs`: what a recovery program may take on top. */
  constructor(name: string, clock: Pick<Clock, 'monotonicMs'>, hookWithinMs: number) {
    this.#name = name;
    this.#clock = clock;
    this.#withinMs = STEP_WITHIN_MS + hookWithinMs;
  }

  /** To be asked now and then. Throws bus_fault where it owes something and has taken no step for too long. */
  feel({ owes, mark }: BusMoves): void {
    const nowMs = this.#clock.monotonicMs();
    if (!owes || mark !== this.#mark) {
      this.#mark = mark;
      this.#sinceMs = nowMs;
      return;
    }
    const stoodMs = nowMs - this.#sinceMs;
    if (stoodMs <= this.#withinMs) return;
    const seconds = String(Math.round(stoodMs / 1000));
    throw new GatewayError(
      'bus_fault',
      `The ${this.#name} has not moved for ${seconds} s, and does not help itself.`,
    );
  }
}
