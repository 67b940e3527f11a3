// The Clock port over the machine's own clocks: the only place of the gateway that asks what time it is.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../shared/ports.js';

/** setTimeout takes a 32-bit signed delay; above it Node warns and calls back after 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const BEAT_MS = 1000;
/** A timer that comes so late was not kept waiting by work: the process stood still, or the machine below it. */
const LATE_MS = 5000;
/** What a timer waits for may have come meanwhile, and lies unread: so long it is given then. */
const GRACE_MS = 1000;

/**
 * Its timers keep the process alive, on purpose: a deadline must be able to end a stop that hangs on something
 * which holds no handle, and a gateway that waits for its next attempt has not ended. Who stops cancels its timers.
 */
export class SystemClock implements Clock {
  readonly #listeners = new Set<(ms: number) => void>();
  #lastBeatMs = performance.now();
  #stoodStillMs = 0;

  constructor() {
    // Alone among the timers it keeps nothing alive: it only looks whether time was lost.
    setInterval(() => {
      this.#beat();
    }, BEAT_MS).unref();
  }

  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  awakeMs(): number {
    const nowMs = performance.now();
    const lostMs = this.#lostMs(nowMs);
    return nowMs - this.#stoodStillMs - lostMs;
  }

  onStandstill(listener: (ms: number) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Any delay: one above setTimeout's limit is waited in parts. A negative one counts as 0. */
  after(delayMs: number, callback: () => void): () => void {
    const dueMs = performance.now() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const ring = (): void => {
      if (performance.now() - dueMs < LATE_MS) callback();
      else timer = setTimeout(callback, Math.min(delayMs, GRACE_MS));
    };
    let remainingMs = delayMs;
    const wait = (): void => {
      const partMs = Math.min(remainingMs, LONGEST_TIMEOUT_MS);
      remainingMs -= partMs;
      timer = setTimeout(remainingMs > 0 ? wait : ring, partMs);
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  }

  /** Of the time since the last beat, where that is more than a busy process keeps it waiting. */
  #lostMs(nowMs: number): number {
    const lateMs = nowMs - this.#lastBeatMs - BEAT_MS;
    return lateMs > LATE_MS ? lateMs : 0;
  }

  #beat(): void {
    const nowMs = performance.now();
    const lostMs = this.#lostMs(nowMs);
    this.#lastBeatMs = nowMs;
    if (lostMs === 0) return;
    this.#stoodStillMs += lostMs;
    for (const listener of this.#listeners) listener(lostMs);
  }
}
