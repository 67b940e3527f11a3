// A clock whose timers come at round times, so that schedules which are due close together wake the process once. On a small
// board a wake-up costs as much as what is done in it.
import type { Clock } from '../../shared/ports.js';

type Ringing = Pick<Clock, 'monotonicMs' | 'after'>;

/** Round times, the widest first. */
const GRIDS_MS = [100, 50, 25, 10, 5, 2];
/** A schedule may begin later by this share of its interval, and no more. */
const SHARE = 0.25;

/** The widest grid on which an interval's ticks all lie. 1 where there is none: a timer has whole milliseconds. */
export function gridMsFor(everyMs: number): number {
  return GRIDS_MS.find((gridMs) => everyMs % gridMs === 0 && gridMs <= everyMs * SHARE) ?? 1;
}

export class GridClock {
  readonly #clock: Ringing;
  /** By the time at which they ring. */
  readonly #due = new Map<number, Set<() => void>>();
  readonly #cancels = new Map<number, () => void>();

  constructor(clock: Ringing) {
    this.#clock = clock;
  }

  /** Calls back at the first round time that is not before the delay is over. */
  after(delayMs: number, gridMs: number, callback: () => void): () => void {
    const nowMs = this.#clock.monotonicMs();
    // What is due a hair's breadth behind a round time is due at it.
    const dueMs = Math.ceil((nowMs + delayMs - 0.5) / gridMs) * gridMs;
    const ringing = this.#due.get(dueMs) ?? new Set();
    ringing.add(callback);
    this.#due.set(dueMs, ringing);
    if (ringing.size === 1) this.#arm(dueMs, dueMs - nowMs);
    return () => {
      if (!ringing.delete(callback) || ringing.size > 0) return;
      this.#cancels.get(dueMs)?.();
      this.#forget(dueMs);
    };
  }

  #arm(dueMs: number, inMs: number): void {
    const cancel = this.#clock.after(inMs, () => {
      const ringing = this.#due.get(dueMs) ?? new Set();
      this.#forget(dueMs);
      for (const callback of ringing) callback();
    });
    this.#cancels.set(dueMs, cancel);
  }

  #forget(dueMs: number): void {
    this.#due.delete(dueMs);
    this.#cancels.delete(dueMs);
  }
}
