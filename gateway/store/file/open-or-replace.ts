// The store's file, or, where it is damaged, a new one in its place: never a refusal to start.
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { GatewayError } from '../../../shared/errors.js';
import { giveBackBallast } from './disk-room.js';
import { setAside } from './set-aside.js';
import { sqliteCode, type SqliteEngine } from '../sqlite/engine.js';
import type { StoreFile } from '../sqlite/opened-file.js';
import { isDamage, openingError, openStoreFile } from './store.js';

export interface OpenedFile<T> {
  readonly file: StoreFile;
  readonly made: T;
  /** Where the damaged one lies now. */
  readonly setAside?: string;
}

/**
 * Throws data_unwritable, or store_failed where the file is of a newer version. On a full disk SQLite can't even open
 * a file for writing (its index of the WAL is a file of 32 KiB), so the ballast goes before a start is refused.
 */
export function openOrReplace<T>(
  engine: SqliteEngine,
  path: string,
  make: Make<T>,
  moveAside = setAside,
): OpenedFile<T> {
  try {
    return openOrSetAside(engine, path, make, moveAside);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || !isShortage(thrown) || !giveBackBallast(path)) throw thrown;
    return openOrSetAside(engine, path, make, moveAside);
  }
}

/** What works on the file: reading in it as it is made, it may find damage that the opening did not. */
type Make<T> = (file: StoreFile) => T;

/** A disk that is full shows as `full`, or as an I/O error where it is the index of the WAL that finds no room. */
function isShortage({ cause }: GatewayError): boolean {
  return ['full', 'io'].includes(sqliteCode(cause));
}

function openOrSetAside<T>(
  engine: SqliteEngine,
  path: string,
  make: Make<T>,
  moveAside: typeof setAside,
): OpenedFile<T> {
  const mark = damageMark(path);
  if (!existsSync(mark)) {
    try {
      return madeOf(openStoreFile(engine, path), path, make);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || !isDamage(thrown)) throw thrown;
    }
  }
  // Its parts move one after the other: after a power cut in between, the next start goes on where this one was, and
  // does not take what is left for a sound file, which without its WAL lacks the newest commits.
  tryToMarkDamaged(path);
  const aside = existsSync(path) ? { setAside: moveAside(path, new Date()) } : {};
  const opened = madeOf(openStoreFile(engine, path), path, make);
  rmSync(mark, { force: true });
  return { ...opened, ...aside };
}

function madeOf<T>(file: StoreFile, path: string, make: Make<T>): OpenedFile<T> {
  try {
    return { file, made: make(file) };
  } catch (thrown) {
    file.database.close();
    throw openingError(thrown, path);
  }
}

/** For damage that shows only while the file is in use: the next start then sets it aside, however it looks. */
export function markDamaged(path: string): void {
  closeSync(openSync(damageMark(path), 'w'));
}

function tryToMarkDamaged(path: string): void {
  try {
    markDamaged(path);
  } catch {
    // No room for a name: then it is moved all the same, which needs none.
  }
}

function damageMark(path: string): string {
  return `${path}.damaged`;
}
