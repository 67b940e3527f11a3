// The name of a data folder, for a recorder that runs alone: its session at the broker and its topics hang on it, so
// it stays the same at every start and no two folders share it, whatever configuration they share.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import { ID_PATTERN } from '../../../shared/topics.js';

const FILE = 'recorder-id';
const LENGTH = 8;

/** Makes it where it is missing or unreadable text. Rejects with data_unwritable. */
export async function recorderId(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  try {
    return (await kept(path)) ?? (await made(path));
  } catch (cause) {
    const message = `${path} cannot be read or written. Check the folder's path, permissions and free space.`;
    throw new GatewayError('data_unwritable', message, { cause });
  }
}

async function kept(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    // A power cut may leave an empty file behind.
    return ID_PATTERN.test(text) ? text : undefined;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

async function made(path: string): Promise<string> {
  const id = [...randomBytes(LENGTH)].map((byte) => (byte % 36).toString(36)).join('');
  const beside = `${path}.new`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(`${id}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  return id;
}
