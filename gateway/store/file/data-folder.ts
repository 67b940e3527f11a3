// The folder everything of one gateway lies in.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';

/** Makes the folder where it is missing. Rejects with data_unwritable. */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await makeFolders(resolve(dataDir));
  } catch (thrown) {
    throw new GatewayError(
      'data_unwritable',
      `The data folder ${dataDir} cannot be made. Check its path and permissions.`,
      { cause: thrown },
    );
  }
}

/** Not mkdir's own `recursive`: where a folder can't have any (below /proc), that tries for ever, at full speed. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
    return;
  } catch (thrown) {
    if (await isFolder(folder)) return;
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
  // Where it is there now, somebody else has made it meanwhile: worth one more try, and no third.
  if (!(await isFolder(dirname(folder)))) await makeFolders(dirname(folder));
  try {
    await mkdir(folder);
  } catch (thrown) {
    if (!(await isFolder(folder))) throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(thrown))) return false;
    throw thrown;
  }
}

function errnoOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
