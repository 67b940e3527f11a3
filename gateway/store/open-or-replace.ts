// The store's file, or, where it is damaged, a new one in its place: never a refusal to start.
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { GatewayError } from '../../shared/errors.js';
import { giveBackBallast } from './disk-room.js';
import { setAside } from './set-aside.js';
import { sqliteCode, type SqliteEngine } from './sqlite.js';
import { isDamage, openStoreFile, type StoreFile } from './store-file.js';

export interface OpenedFile {
  readonly file: StoreFile;
  /** Where the damaged one lies now. */
  readonly setAside?: string;
}

/**
 * Throws data_unwritable, or store_failed where the file is of a newer version. On a full disk SQLite can't even open
 * a file for writing (its index of the WAL is a file of 32 KiB), so the ballast goes before a start is refused.
 */
export function openOrReplace(engine: SqliteEngine, path: string): OpenedFile {
  try {
    return openOrSetAside(engine, path);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || !isShortage(thrown) || !giveBackBallast(path)) throw thrown;
    return openOrSetAside(engine, path);
  }
}

/** A disk that is full shows as `full`, or as an I/O error where it is the index of the WAL that finds no room. */
function isShortage({ cause }: GatewayError): boolean {
  return ['full', 'io'].includes(sqliteCode(cause));
}

function openOrSetAside(engine: SqliteEngine, path: string): OpenedFile {
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
