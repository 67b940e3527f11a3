// Waits for a state to come, so that no test sleeps a fixed time or asserts how long something took.
import { setTimeout as sleep } from 'node:timers/promises';

/** Whoever has to ask uses `untilAsync`: a promise is neither undefined nor false, and would end the waiting at once. */
type Known<T> = T extends PromiseLike<unknown> ? never : T;

/** Resolves with the first value of `probe` that is not undefined or false; fails after `limitMs` with `what`. */
export async function until<T>(
  what: string,
  probe: () => Known<T> | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${String(limitMs)} ms in vain for: ${what}`);
    await sleep(2);
  }
}

/** The same for a probe that has to ask. */
export async function untilAsync(
  what: string,
  probe: () => Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`waited ${String(limitMs)} ms in vain for: ${what}`);
    await sleep(20);
  }
}
