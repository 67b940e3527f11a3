// A Clock that stands still until the test moves it: what takes hours is tested in a moment, and never by chance.
import type { Clock } from '../../shared/ports.js';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** More timers than this in one `advance` is a loop of timers without delay, not a test. */
const MOST_TIMERS_PER_ADVANCE = 100_000;

// Kept from the start, so that a test that mocks the global timers does not stop the clock's own waiting.
const nextTurn = setImmediate;

/** Every promise that can settle without time or I/O has settled when this resolves. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #stoodStillMs = 0;
  #wallStartMs: number;
  readonly #onStandstill = new Set<(ms: number) => void>();
  readonly #timers = new Set<Timer>();

  /** Starts at a fixed wall time (epoch ms), so that expected payloads can be written down. */
  constructor(startMs = 1_767_000_000_000) {
    this.#wallStartMs = startMs;
  }

  now(): number {
    return this.#wallStartMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  awakeMs(): number {
    return this.#elapsedMs - this.#stoodStillMs;
  }

  onStandstill(listener: (ms: number) => void): () => void {
    this.#onStandstill.add(listener);
    return () => {
      this.#onStandstill.delete(listener);
    };
  }

  /** Time passes, and nothing runs: then whoever wants to know is told, and what came due meanwhile rings. */
  async standStill(ms: number): Promise<void> {
    this.#elapsedMs += ms;
    this.#stoodStillMs += ms;
    for (const listener of this.#onStandstill) listener(ms);
    await this.advance(0);
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that still wait: 0 after a clean stop. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due; undefined when none waits. */
  get nextDueInMs(): number | undefined {
    const next = this.#next();
    return next && next.dueMs - this.#elapsedMs;
  }

  /** Moves the wall clock alone, as NTP or a person does; timers and `monotonicMs` don't notice. */
  jumpWallClock(byMs: number): void {
    this.#wallStartMs += byMs;
  }

  /**
   * Lets `ms` pass. Timers that come due run in order of their time, those of one time in the order they were set,
   * those set meanwhile included; promises settle before the first, between each two and after the last.
   * Rejects with whatever a callback throws.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settled();
    for (let ran = 0; ran <= MOST_TIMERS_PER_ADVANCE; ran += 1) {
      const timer = this.#next();
      if (timer === undefined || timer.dueMs > untilMs) {
        this.#elapsedMs = untilMs;
        return;
      }
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.callback();
      await settled();
    }
    throw new Error(`more than ${String(MOST_TIMERS_PER_ADVANCE)} timers came due within ${String(ms)} ms`);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    return next;
  }
}
