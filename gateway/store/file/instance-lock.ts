// One gateway per data folder: a SQLite file held in an exclusive transaction, which ends with its process, however
// the process ends. So there is no stale lock file to remove after a kill -9 or a power cut.
import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import type { Component } from '../../../shared/ports.js';
import { loadSqlite } from '../sqlite/load.js';
import { makeDataFolder } from './data-folder.js';
import { sqliteCode, type SqliteDatabase, type SqliteEngine } from '../sqlite/engine.js';

const FILE = 'lock.sqlite';

export class SingleInstanceLock implements Component {
  readonly name = 'lock';
  readonly #dataDir: string;
  #database: SqliteDatabase | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Rejects with data_in_use, data_unwritable or sqlite_missing. */
  async start(): Promise<void> {
    await makeDataFolder(this.#dataDir);
    this.#database = holdExclusively(await loadSqlite(), this.#dataDir);
  }

  async stop(): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
    return Promise.resolve();
  }
}

/** Whether a gateway runs on the data folder: asked by holding it for a moment, where one ever ran on it. */
export async function isInUse(dataDir: string): Promise<boolean> {
  if (!existsSync(join(dataDir, FILE))) return false;
  const lock = new SingleInstanceLock(dataDir);
  try {
    await lock.start();
    await lock.stop();
    return false;
  } catch (thrown) {
    return thrown instanceof GatewayError && thrown.code === 'data_in_use';
  }
}

/** Nothing is ever written to the file, so its transaction never has to be committed. */
function holdExclusively(engine: SqliteEngine, dataDir: string, again = false): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  const file = join(dataDir, FILE);
  try {
    database = engine.open(file);
    // SQLite opens what it may not write (root ran it here once) for reading, and then locks nothing.
    accessSync(file, constants.W_OK);
    // The journal of an empty file would be its only bytes on the disk, and a full disk must not keep a gateway down.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (thrown) {
    database?.close();
    // A power cut may leave anything behind. There is nothing in it to lose, and nobody can hold what is no database.
    if (sqliteCode(thrown) === 'corrupt' && !again) {
      rmSync(file);
      return holdExclusively(engine, dataDir, true);
    }
    throw sqliteCode(thrown) === 'busy' ? inUse(dataDir, thrown) : unwritable(dataDir, thrown);
  }
}

function inUse(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError(
    'data_in_use',
    `Another gateway runs on the data folder ${dataDir}. Stop it, or give each its own --data folder.`,
    { cause },
  );
}

function unwritable(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError(
    'data_unwritable',
    `The data folder ${dataDir} cannot be written. Check its path, permissions and free space.`,
    { cause },
  );
}
