// What the gateway itself runs on: Node, SQLite, the module for real buses, and the machine's clock.
import { asGatewayError } from '../../shared/errors.js';
import { loadDriver, REAL_DRIVER } from '../i2c/linux/driver.js';
import { isClockSynchronised, isClockWrong } from '../process/clock-sync.js';
import { COMPILER } from '../process/native-package.js';
import { loadSqlite } from '../store/sqlite/load.js';
import { fail, ok, warn, type Finding } from './finding.js';

const [OLDEST, OLDEST_MINOR, NEWEST] = [20, 19, 26];

/** `version` is like `v20.19.0`. */
export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major < OLDEST || (major === OLDEST && minor < OLDEST_MINOR))
    return fail('node', `${version} is too old`, 'install Node 20.19 or newer: https://nodejs.org');
  if (major > NEWEST) return warn('node', `${version} is newer than what was tried`, 'Node 20.19 to 26 were');
  return ok('node', version);
}

export async function sqlite(): Promise<Finding> {
  try {
    return ok('sqlite', (await loadSqlite()).name);
  } catch (thrown) {
    const { message } = asGatewayError(thrown);
    return fail('sqlite', message, 'a newer Node, or what the sentence says');
  }
}

export async function driver(): Promise<Finding> {
  try {
    await loadDriver(REAL_DRIVER);
    return ok('i2c-bus', 'the module for real buses loads');
  } catch (thrown) {
    const { message } = asGatewayError(thrown);
    return fail('i2c-bus', message, `${COMPILER}, then what the sentence says`);
  }
}

/** `isWatched`: systemd-timesyncd runs, and says when it has set the clock. */
export function clock(nowTs: number, { folder, isWatched }: { folder: string; isWatched: boolean }): Finding {
  const now = new Date(nowTs).toISOString();
  const advice =
    'samples say "clock":"unsynchronised" until it is set: is there a network, or a clock module? (timedatectl)';
  if (isClockWrong(nowTs)) return warn('clock', `${now}: it was never set`, advice);
  if (!isClockSynchronised(nowTs, folder)) return warn('clock', `${now}, not synchronised yet`, advice);
  return ok(
    'clock',
    isWatched ? `${now}, synchronised` : `${now}; nothing here tells whether it is synchronised`,
  );
}
