// A copy of a database while others read and write it: one moment of it, whole, in one file without a WAL.
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import type { SqliteDatabase, SqliteEngine } from './engine.js';

/**
 * Into a new file at `to`, on disk when it returns; what lies there goes first. Reads in one transaction, so a writer in
 * WAL mode is not kept waiting. `VACUUM INTO` writes without a flush (https://sqlite.org/lang_vacuum.html), so that is
 * made good here. Throws what SQLite or the disk says, and leaves nothing behind then.
 */
export function copyInto(database: SqliteDatabase, to: string): void {
  rmSync(to, { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(to);
    const file = openSync(to, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    rmSync(to, { force: true });
    throw thrown;
  }
}

/** Of a file that a gateway may have open; it is not changed. Gives its version (`user_version`). */
export function copyFile(engine: SqliteEngine, from: string, to: string): number {
  const database = engine.open(from, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    copyInto(database, to);
    return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  } finally {
    database.close();
  }
}
