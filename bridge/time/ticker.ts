// An absolute schedule: start + phase + k · interval. Lateness of one tick never moves the next (setInterval's does).
import type { Clock } from '../../shared/ports.js';

export interface TickerOptions {
  readonly clock: Clock;
  /** Where others want to be woken at the same time; default the clock's own. */
  readonly after?: Clock['after'];
  readonly everyMs: number;
  /** Delay of the first tick after start. */
  readonly phaseMs: number;
  /** `skipped` ticks came due since the last call but could not be served: the process was too busy. Not while it stood still. */
  readonly onTick: (skipped: number) => void;
}

export class Ticker {
  readonly #options: TickerOptions;
  #originMs = 0;
  #lastTick = -1;
  /** Of the time until the last tick, what the process stood still. */
  #stoodStillMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, phaseMs } = this.#options;
    this.#originMs = clock.monotonicMs() + phaseMs;
    this.#stoodStillMs = stoodStillMs(clock);
    this.#arm(0);
  }

  stop(): void {
    this.#cancel?.();
  }

  #arm(tick: number): void {
    const { clock, everyMs, after } = this.#options;
    const dueMs = this.#originMs + tick * everyMs;
    const delayMs = Math.max(0, dueMs - clock.monotonicMs());
    const fire = (): void => {
      this.#fire(tick);
    };
    this.#cancel = after === undefined ? clock.after(delayMs, fire) : after(delayMs, fire);
  }

  #fire(armedTick: number): void {
    const { clock, everyMs, onTick } = this.#options;
    // Timers have whole milliseconds and may fire a fraction early: never count an early tick as the one before.
    const current = Math.max(armedTick, Math.floor((clock.monotonicMs() - this.#originMs) / everyMs));
    const lostMs = stoodStillMs(clock);
    // The two clocks are read one after the other: a hair's breadth is no standstill.
    const stoodStill = lostMs - this.#stoodStillMs > 1;
    const skipped = stoodStill ? 0 : current - this.#lastTick - 1;
    this.#lastTick = current;
    this.#stoodStillMs = lostMs;
    this.#arm(current + 1);
    onTick(skipped);
  }
}

function stoodStillMs(clock: Pick<Clock, 'monotonicMs' | 'awakeMs'>): number {
  return clock.monotonicMs() - clock.awakeMs();
}

/** Spreads schedules of one interval over it: by the golden ratio no two of them come close, however many there are. */
export function spreadPhaseMs(index: number, everyMs: number): number {
  const golden = 0.618_033_988_749_895;
  return Math.floor(((index * golden) % 1) * everyMs);
}
