// Puts a new text in the place of a file, whole or not at all, and keeps what was there before, the last few of it.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = 'configurations';
const NAME = /^\d{8}T\d{9}Z\.yaml$/;

/** Which state of the file somebody has seen. */
export function markOfText(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/**
 * Durable when it resolves. Rejects with the error of the file system where that is not possible; then the file is as it was. A
 * link stays one: what it leads to is replaced.
 */
export async function replaceText(file: string, text: string): Promise<void> {
  const real = await realpath(file);
  const { mode } = await stat(real);
  const beside = `${real}.new`;
  try {
    const handle = await open(beside, 'w', mode & 0o777);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, real);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
}

/** A copy of the file as it is now, in the data folder; only the newest `keep` stay. */
export async function keepVersion(file: string, dataDir: string, keep: number, nowMs: number): Promise<void> {
  const folder = join(dataDir, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}.yaml`;
  await writeFile(join(folder, name), await readFile(file), { mode: 0o600 });
  const kept = (await readdir(folder)).filter((one) => NAME.test(one)).toSorted();
  for (const one of kept.slice(0, Math.max(0, kept.length - keep))) await rm(join(folder, one));
}
