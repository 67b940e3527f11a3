// Whether the machine's clock can be believed, as far as a program can tell without rights.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/ports.js';

/** Older than this program: the clock of a board that has not been set since it was switched on. */
const FIRST_RELEASE_MS = Date.UTC(2026, 10, 1);

/** Whether it is certain that nobody has set it: then what it says is not near the truth either. */
export function isClockWrong(nowTs: number): boolean {
  return nowTs < FIRST_RELEASE_MS;
}

/**
 * systemd-timesyncd has the folder while it runs, and touches the file in it whenever it has synchronised:
 * systemd-timesyncd.service(8), "/run/systemd/timesync/synchronized". Another time service leaves neither; what it
 * does can't be seen from here, so its clock is believed unless it is older than this program.
 */
export function isClockSynchronised(nowTs: number, folder = '/run/systemd/timesync'): boolean {
  if (isClockWrong(nowTs)) return false;
  return !existsSync(folder) || existsSync(join(folder, 'synchronized'));
}

/** What is known of this clock, whenever it is asked. */
export function judgeOf(clock: Pick<Clock, 'now'>): {
  readonly isSynchronised: () => boolean;
  readonly isWrong: () => boolean;
} {
  return {
    isSynchronised: () => isClockSynchronised(clock.now()),
    isWrong: () => isClockWrong(clock.now()),
  };
}
