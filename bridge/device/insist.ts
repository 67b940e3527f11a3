// For the gateway's stop: one lost acknowledgement must not leave a pump on, and an absent device must not hold up the end.
import type { GatewayError } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';
import { pause } from '../time/pause.js';

const TRIES = 3;
const PAUSE_MS = 100;

/**
 * Tries until it has worked, three times at most, and not beyond `untilMs` (monotonic). What was written and only not
 * read back is not written again. Resolves with the last error, or undefined where it worked.
 */
export async function insist(
  clock: Clock,
  untilMs: number,
  attempt: () => Promise<GatewayError | undefined>,
): Promise<GatewayError | undefined> {
  for (let tries = 1; ; tries += 1) {
    const error = await attempt();
    const isOver = tries >= TRIES || clock.monotonicMs() + PAUSE_MS >= untilMs;
    if (error === undefined || error.code === 'verify_failed' || isOver) return error;
    await pause(clock, PAUSE_MS);
  }
}
