// The store's file, or, where it is damaged, a new one in its place: never a refusal to start.
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { GatewayError } from '../../shared/errors.js';
import { setAside } from './set-aside.js';
import type { SqliteEngine } from './sqlite.js';
import { isDamage, openStoreFile, type StoreFile } from './store-file.js';

export interface OpenedFile {
  readonly file: StoreFile;
  /** Where the damaged one lies now. */
  readonly setAside?: string;
}

/** Throws data_unwritable, or store_failed where the file is of a newer version. */
export function openOrReplace(engine: SqliteEngine, path: string): OpenedFile {
  const mark = damageMark(path);
  if (!existsSync(mark)) {
    try {
      return { file: openStoreFile(engine, path) };
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || !isDamage(thrown)) throw thrown;
    }
  }
  const aside = existsSync(path) ? { setAside: setAside(path, new Date()) } : {};
  const file = openStoreFile(engine, path);
  rmSync(mark, { force: true });
  return { file, ...aside };
}

/** For damage that shows only while the file is in use: the next start then sets it aside, however it looks. */
export function markDamaged(path: string): void {
  closeSync(openSync(damageMark(path), 'w'));
}

function damageMark(path: string): string {
  return `${path}.damaged`;
}
