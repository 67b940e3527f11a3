// The Clock port over the machine's own clocks: the only place of the gateway that asks what time it is.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../shared/ports.js';

/** setTimeout takes a 32-bit signed delay; above it Node warns and calls back after 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Its timers keep the process alive, on purpose: a deadline must be able to end a stop that hangs on something
 * which holds no handle, and a gateway that waits for its next attempt has not ended. Who stops cancels its timers.
 */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  /** Any delay: one above setTimeout's limit is waited in parts. A negative one counts as 0. */
  after(delayMs: number, callback: () => void): () => void {
    let remainingMs = delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const partMs = Math.min(remainingMs, LONGEST_TIMEOUT_MS);
      remainingMs -= partMs;
      timer = setTimeout(remainingMs > 0 ? wait : callback, partMs);
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  }
}
