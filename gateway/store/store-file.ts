// The one database file: how it is opened, what is in it, and its random id.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GatewayError } from '../../shared/errors.js';
import { sqliteCode, type SqliteDatabase, type SqliteEngine } from './sqlite.js';

export interface StoreFile {
  readonly database: SqliteDatabase;
  /** Random, made with the file: half of the identity of samples that came without one. */
  readonly storeId: string;
}

const SCHEMA_VERSION = 1;

// AUTOINCREMENT: a position, once given, is never given again, also after the table was empty (DESIGN §7).
// The outbox has no second index: a commit then appends and touches nothing else.
const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE dead_letters (
    position INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL, device TEXT NOT NULL, seq INTEGER NOT NULL,
    ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (boot, device, seq)
  );
  CREATE INDEX history_device_ts ON history (device, ts);
  CREATE TABLE commands (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    boot TEXT NOT NULL,
    reply TEXT
  );
`;

export function storePath(dataDir: string): string {
  return join(dataDir, 'store.sqlite');
}

/**
 * Opens or makes the file. Throws GatewayError data_unwritable or store_failed.
 * FULL is set at every open, because it is a property of the connection, not of the file: without it a power cut
 * costs acknowledged rows (https://sqlite.org/pragma.html#pragma_synchronous, DESIGN §7).
 */
export function openStoreFile(engine: SqliteEngine, path: string): StoreFile {
  let database: SqliteDatabase | undefined;
  try {
    database = engine.open(path);
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    // After a burst the WAL file is cut back to this many bytes at the next checkpoint.
    database.exec('PRAGMA journal_size_limit = 33554432');
    migrate(database, path);
    return { database, storeId: readStoreId(database) };
  } catch (thrown) {
    database?.close();
    throw openingError(thrown, path);
  }
}

/** For those who only look, while the gateway runs or after it: never makes or changes the file. */
export function openStoreFileToRead(engine: SqliteEngine, path: string): StoreFile {
  let database: SqliteDatabase | undefined;
  try {
    database = engine.open(path, { readOnly: true });
    database.exec('PRAGMA busy_timeout = 5000');
    return { database, storeId: readStoreId(database) };
  } catch (thrown) {
    database?.close();
    throw new GatewayError(
      'store_failed',
      `${path} cannot be read. Has the gateway run with this data folder?`,
      {
        cause: thrown,
      },
    );
  }
}

function migrate(database: SqliteDatabase, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new GatewayError(
      'store_failed',
      `${path} was made by a newer version of the gateway. Update this one.`,
    );
  }
  database.exec('BEGIN IMMEDIATE');
  database.exec(SCHEMA);
  database.prepare(`INSERT INTO meta (key, value) VALUES ('store_id', ?)`).run(newStoreId());
  database.exec(`PRAGMA user_version = ${String(SCHEMA_VERSION)}`);
  database.exec('COMMIT');
}

function newStoreId(): string {
  return `store-${randomBytes(8).toString('hex')}`;
}

function readStoreId(database: SqliteDatabase): string {
  const row = database.prepare(`SELECT value FROM meta WHERE key = 'store_id'`).get();
  if (row === undefined) throw new Error('the store has no id');
  return String(row['value']);
}

function openingError(thrown: unknown, path: string): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const code = sqliteCode(thrown);
  if (code === 'cannot_open' || code === 'readonly') {
    return new GatewayError(
      'data_unwritable',
      `${path} cannot be written. Check permissions and free space.`,
      {
        cause: thrown,
      },
    );
  }
  const what = code === 'corrupt' ? 'is damaged; move it away and start again' : 'cannot be opened';
  return new GatewayError('store_failed', `${path} ${what}.`, { cause: thrown });
}
