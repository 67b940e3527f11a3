// The one database file: how it is opened, what is in it, and its random id.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GatewayError } from '../../shared/errors.js';
import { HISTORY_TABLES } from './history-schema.js';
import { LOGBOOK_TABLES } from './logbook-table.js';
import { HistoryTable } from './history-table.js';
import { readSampleRow } from './sample-row.js';
import { sqliteCode, type SqliteDatabase, type SqliteEngine } from './sqlite.js';

export interface StoreFile {
  readonly database: SqliteDatabase;
  /** Random, made with the file: half of the identity of samples that came without one. */
  readonly storeId: string;
}

const SCHEMA_VERSION = 2;

// Every table is made where it is missing, at each open: a new one needs no version of its own.
// AUTOINCREMENT: a position, once given, is never given again, also after the table was empty (DESIGN §7).
// The outbox has no second index: a commit then appends and touches nothing else.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS dead_letters (
    position INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS commands (
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
    checkTables(database);
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
  if (version > SCHEMA_VERSION) {
    throw new GatewayError(
      'store_failed',
      `${path} was made by a newer version of the gateway. Update this one.`,
    );
  }
  database.exec('BEGIN IMMEDIATE');
  if (version === 1) database.exec('ALTER TABLE history RENAME TO history_1; DROP INDEX history_device_ts');
  database.exec(`${SCHEMA} ${HISTORY_TABLES} ${LOGBOOK_TABLES}`);
  database.prepare(`INSERT OR IGNORE INTO meta (key, value) VALUES ('store_id', ?)`).run(newStoreId());
  if (version === 1) moveHistory(database);
  if (version !== SCHEMA_VERSION) database.exec(`PRAGMA user_version = ${String(SCHEMA_VERSION)}`);
  database.exec('COMMIT');
}

/** From version 1, where each sample had a row with all its names and an index beside it. */
function moveHistory(database: SqliteDatabase): void {
  const history = new HistoryTable(database);
  const next = database.prepare('SELECT * FROM history_1 WHERE id > ? ORDER BY id LIMIT 1000');
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)?.['id'] ?? null))
    history.deliver(rows.map(readSampleRow));
  database.exec('DROP TABLE history_1');
}

/** What must not be lost, page by page. The history is left out: a large one would hold up every start for minutes. */
const CHECKED = ['meta', 'outbox', 'dead_letters', 'commands'];

function checkTables(database: SqliteDatabase): void {
  for (const table of CHECKED) {
    const [found] = database.prepare(`PRAGMA quick_check(${table})`).all();
    const said = String(found?.['quick_check']);
    if (said !== 'ok') throw new DamagedFile(said);
  }
}

/** What SQLite finds when it looks, where it doesn't throw. */
class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** Whether the file was refused because it is damaged: not for its rights, nor for its version. */
export function isDamage({ cause }: GatewayError): boolean {
  return cause instanceof DamagedFile || sqliteCode(cause) === 'corrupt';
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
  if (code === 'cannot_open' || code === 'readonly' || code === 'full') {
    return new GatewayError(
      'data_unwritable',
      `${path} cannot be written. Check permissions and free space.`,
      {
        cause: thrown,
      },
    );
  }
  const damaged = code === 'corrupt' || thrown instanceof DamagedFile;
  const what = damaged ? 'is damaged.' : `cannot be opened: ${String(thrown)}. Is the disk full, or failing?`;
  return new GatewayError('store_failed', `${path} ${what}`, { cause: thrown });
}
