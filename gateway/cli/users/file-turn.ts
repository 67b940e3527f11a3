// One of our programs at a time changes a file: a lock file beside it. Editors and mosquitto_passwd do not heed it.
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../../../shared/errors.js';

/** A change takes milliseconds: one lock that stays this long is of a process that was killed. */
const LEFT_OVER_AFTER_MS = 5000;
const LOOK_AGAIN_MS = 20;
/** Many may wait in turn; beyond this something else is wrong. */
const PATIENCE_MS = 60_000;

/** Runs `change` while nobody else does for this file. Rejects with config_unreadable when the turn never comes. */
export async function inTurn<T>(
  file: string,
  change: () => Promise<T>,
  leftOverAfterMs = LEFT_OVER_AFTER_MS,
): Promise<T> {
  const lock = `${file}.lock`;
  const mine = randomBytes(12).toString('hex');
  const since = performance.now();
  let seen = { holder: '', sinceMs: since };
  while (!(await taken(lock, mine))) {
    const now = performance.now();
    const holder = await holderOf(lock);
    if (holder !== seen.holder) seen = { holder, sinceMs: now };
    else if (now - seen.sinceMs > leftOverAfterMs) await discard(lock, holder);
    if (now - since > PATIENCE_MS)
      throw new GatewayError('config_unreadable', `Others change ${file} all the time; try again later.`);
    await sleep(LOOK_AGAIN_MS);
  }
  try {
    return await change();
  } finally {
    // Not one that somebody took who held ours for left over.
    if ((await holderOf(lock)) === mine) await rm(lock, { force: true });
  }
}

async function taken(lock: string, mine: string): Promise<boolean> {
  try {
    await writeFile(lock, mine, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Only the holder's that was seen: of several that wait, another may have taken its place by now, who gets it back. */
async function discard(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(lock, aside);
    if ((await holderOf(aside)) !== holder) await link(aside, lock);
  } catch (thrown) {
    if (!['ENOENT', 'EEXIST'].includes(errnoOf(thrown))) throw thrown;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Empty where it is gone by now, or another user's: that one is told by its staying. */
async function holderOf(lock: string): Promise<string> {
  try {
    return await readFile(lock, 'utf8');
  } catch (thrown) {
    if (['ENOENT', 'EACCES'].includes(errnoOf(thrown))) return '';
    throw thrown;
  }
}

function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
