// The one database file: how it is opened, what is in it, and its random id.
import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import { NOT_YOURS, whyOf } from '../../process/why.js';
import { HISTORY_TABLES } from '../history/schema.js';
import { JOURNAL_TABLES, moveCommands } from '../commands/schema.js';
import { LOGBOOK_TABLES } from '../logbook/table.js';
import { afterTables, asOfNow, beforeTables, SCHEMA_VERSION, versionOf } from './migrations.js';
import { keepCopy } from './kept-copy.js';
import type { StoreFile, Upgraded } from '../sqlite/opened-file.js';
import { sqliteCode, type SqliteDatabase, type SqliteEngine } from '../sqlite/engine.js';

// Every table is made where it is missing, at each open: a new one needs no version of its own.
// AUTOINCREMENT: a position, once given, is never given again, also after the table was empty.
// The outbox has no second index: a commit then appends and touches nothing else.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL,
    clock TEXT, run TEXT
  );
  CREATE TABLE IF NOT EXISTS dead_letters (
    position INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL,
    clock TEXT, run TEXT
  );
`;

export function storePath(dataDir: string): string {
  return join(dataDir, 'store.sqlite');
}

/** What is ahead of its tables, beside the file. */
export function aheadPath(path: string): string {
  return join(dirname(path), 'outbox.ahead');
}

/**
 * Opens or makes the file. Throws GatewayError data_unwritable or store_failed.
 * FULL is set at every open, because it is a property of the connection, not of the file: without it a power cut
 * costs acknowledged rows (https://sqlite.org/pragma.html#pragma_synchronous).
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
    const upgraded = migrate(database, path);
    checkTables(database);
    return { database, storeId: readStoreId(database), ...(upgraded === undefined ? {} : { upgraded }) };
  } catch (thrown) {
    database?.close();
    throw openingError(headerDamage(path) ?? thrown, path);
  }
}

/** https://sqlite.org/fileformat2.html#the_database_header : what can't be so in a file that SQLite wrote. */
function headerDamage(path: string): DamagedFile | undefined {
  const header = headerOf(path);
  if (header === undefined || header.length < 100) return undefined;
  const at = (offset: number): number => header.readUInt8(offset);
  const isWhole = header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  const versions = [1, 2].includes(at(18)) && [1, 2].includes(at(19));
  const fractions = at(21) === 64 && at(22) === 32 && at(23) === 32;
  const schemaFormat = header.readUInt32BE(44) <= 4;
  const encoding = header.readUInt32BE(56) <= 3;
  if (isWhole && versions && fractions && schemaFormat && encoding) return undefined;
  return new DamagedFile('its header is not one that SQLite writes');
}

function headerOf(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(file, header, 0, 100, 0));
  } catch {
    // Not there, or not to be read: the error of the opening says it.
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** SQLite says of each that it cannot open the file. */
function whyUnread(path: string): string {
  try {
    accessSync(path, constants.R_OK);
  } catch (thrown) {
    const why = whyOf(thrown);
    return why === NOT_YOURS
      ? `: ${why}. The data folder is another user's: try sudo -u.`
      : `: ${why}. Has the gateway run with this data folder (--data)?`;
  }
  return '. Has the gateway run with this data folder?';
}

/** For those who only look, while the gateway runs or after it: never makes or changes the file. */
export function openStoreFileToRead(engine: SqliteEngine, path: string): StoreFile {
  let database: SqliteDatabase | undefined;
  try {
    database = engine.open(path, { readOnly: true });
    database.exec('PRAGMA busy_timeout = 5000');
    asOfNow(database);
    return { database, storeId: readStoreId(database) };
  } catch (thrown) {
    database?.close();
    throw new GatewayError('store_failed', `${path} cannot be read${whyUnread(path)}`, {
      cause: thrown,
    });
  }
}

function migrate(database: SqliteDatabase, path: string): Upgraded | undefined {
  const version = versionOf(database);
  if (version > SCHEMA_VERSION) {
    // Four damaged bytes would say the same: a newer version has numbers close by, and a file that is whole.
    if (version > SCHEMA_VERSION + 1000)
      throw new DamagedFile(`its version is said to be ${String(version)}`);
    throw new GatewayError(
      'store_failed',
      `${path} was made by a newer version of the gateway. Update this one.`,
    );
  }
  const isOlder = version > 0 && version < SCHEMA_VERSION;
  const copy = isOlder ? keepCopy(database, { path, version }) : undefined;
  database.exec('BEGIN IMMEDIATE');
  beforeTables(database, version);
  database.exec(`${SCHEMA} ${JOURNAL_TABLES} ${HISTORY_TABLES} ${LOGBOOK_TABLES}`);
  database.prepare(`INSERT OR IGNORE INTO meta (key, value) VALUES ('store_id', ?)`).run(newStoreId());
  afterTables(database, version);
  moveCommands(database);
  if (version !== SCHEMA_VERSION) database.exec(`PRAGMA user_version = ${String(SCHEMA_VERSION)}`);
  database.exec('COMMIT');
  return isOlder ? { from: version, ...(copy === undefined ? {} : { copy }) } : undefined;
}

/** What must not be lost, page by page. The history is left out: a large one would hold up every start for minutes. */
const CHECKED = ['meta', 'outbox', 'dead_letters', 'journal'];

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

export function newStoreId(): string {
  return `store-${randomBytes(8).toString('hex')}`;
}

function readStoreId(database: SqliteDatabase): string {
  const row = database.prepare(`SELECT value FROM meta WHERE key = 'store_id'`).get();
  if (row === undefined) throw new Error('the store has no id');
  return String(row['value']);
}

export function openingError(thrown: unknown, path: string): GatewayError {
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
