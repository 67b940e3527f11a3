// Waits for a state to come, so that no test sleeps a fixed time or asserts how long something took.
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value of `probe` that is not undefined or false; fails after `limitMs` with `what`. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false,
  limitMs = 10_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${String(limitMs)} ms in vain for: ${what}`);
    await sleep(2);
  }
}
