// Changes a file that others read and share: as a whole, where a link leads to, and whoever it belonged to keeps it.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { geteuid } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { linkTarget } from '../../process/link-target.js';
import { inTurn } from './file-turn.js';
import { whyNotWritten } from '../../process/why.js';

/** Of the user alone: there are hashes in it. */
const NEW_FILE_MODE = 0o600;

/**
 * Whoever reads meanwhile has the old text or the new one. `change` gets the text of a missing file as undefined; the
 * file is left alone where it gives the same text back. Rejects with what `change` throws, or with config_unreadable.
 */
export async function changeFile(file: string, change: (text: string | undefined) => string): Promise<void> {
  try {
    const target = linkTarget(file);
    await inTurn(target, () => replace(target, change));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    const why = whyNotWritten(cause);
    throw new GatewayError('config_unreadable', `${file} cannot be changed: ${why}.`, { cause });
  }
}

async function replace(target: string, change: (text: string | undefined) => string): Promise<void> {
  const before = await readExisting(target);
  const text = change(before.text);
  if (text === (before.text ?? '')) return;
  const partial = `${target}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(partial, 'wx', NEW_FILE_MODE);
    try {
      await giveTo(before, file, target);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
}

interface Before {
  readonly text: string | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A missing one belongs to whose folder it is: made by `sudo` it must still be for the gateway to read. */
async function readExisting(file: string): Promise<Before> {
  try {
    const text = await readFile(file, 'utf8');
    const { mode, uid, gid } = await stat(file);
    return { text, mode: mode & 0o777, uid, gid };
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    const { uid, gid } = await stat(dirname(file));
    return { text: undefined, mode: NEW_FILE_MODE, uid, gid };
  }
}

async function giveTo(
  { text, mode, uid, gid }: Before,
  file: Awaited<ReturnType<typeof open>>,
  path: string,
): Promise<void> {
  const own = await file.stat();
  // Only root may give a file away; its own new file anybody keeps.
  const isRoots = geteuid?.() === 0;
  if ((text !== undefined || isRoots) && (own.uid !== uid || own.gid !== gid)) {
    try {
      await file.chown(uid, gid);
    } catch (cause) {
      throw new GatewayError(
        'config_unreadable',
        `${path} was not changed: it belongs to user ${String(uid)} and group ${String(gid)}, who would lose it. ` +
          'Do it as that user, or as root (sudo).',
        { cause },
      );
    }
  }
  await file.chmod(mode);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
