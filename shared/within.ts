// Waits for something, but not for ever: a peer that is gone must not hold up the stop.
import type { Clock } from './ports.js';

/** Resolves when `work` ended or the time is over; says which. A rejection of `work` is passed on while waited for. */
export async function within(
  work: Promise<unknown>,
  ms: number,
  clock: Clock,
): Promise<'ended' | 'given_up'> {
  let cancel = (): void => undefined;
  const timeUp = new Promise<'given_up'>((resolve) => {
    cancel = clock.after(ms, () => {
      resolve('given_up');
    });
  });
  try {
    return await Promise.race([work.then(() => 'ended' as const), timeUp]);
  } finally {
    cancel();
  }
}
