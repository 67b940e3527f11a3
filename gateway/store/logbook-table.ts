// The logbook's table, inside the store's thread: kept here, and waiting here for MongoDB where that is the store. Every
// method runs within the caller's transaction.
import type { LogbookQuery } from '../../shared/logbook.js';
import type { SqliteDatabase, SqliteStatement, SqlRow } from './sqlite.js';

export const LOGBOOK_TABLES = `
  CREATE TABLE IF NOT EXISTS logbook (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    ts INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT, name TEXT NOT NULL, body TEXT NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS logbook_ts ON logbook (ts);
  CREATE INDEX IF NOT EXISTS logbook_waiting ON logbook (position) WHERE delivered = 0;
`;

/** `body` is the whole entry as JSON; the columns beside it are what is asked by. */
export interface LogbookRow {
  readonly key: string;
  readonly ts: number;
  readonly kind: string;
  readonly device: string | null;
  readonly name: string;
  readonly body: string;
}

export interface WaitingEntry {
  readonly position: number;
  readonly body: string;
}

export interface LogbookLimits {
  /** Entries kept; beyond it the oldest go, delivered or not. */
  readonly logbookRows: number;
}

/** Too old ones leave a few with each that comes. */
const PRUNE_ROWS = 100;

export class LogbookTable {
  readonly #maxRows: number;
  readonly #insert: SqliteStatement;
  readonly #removeOld: SqliteStatement;
  readonly #removeFirst: SqliteStatement;
  readonly #peek: SqliteStatement;
  readonly #settle: SqliteStatement;
  readonly #query: SqliteStatement;
  readonly #count: SqliteStatement;
  #rows = 0;

  constructor(database: SqliteDatabase, { logbookRows }: LogbookLimits) {
    this.#maxRows = logbookRows;
    this.#insert = database.prepare(
      `INSERT OR IGNORE INTO logbook (key, ts, kind, device, name, body) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#removeOld = database.prepare(
      `DELETE FROM logbook WHERE position IN (SELECT position FROM logbook WHERE ts < ? ORDER BY ts LIMIT ?)`,
    );
    this.#removeFirst = database.prepare(
      `DELETE FROM logbook WHERE position IN (SELECT position FROM logbook ORDER BY position LIMIT ?)`,
    );
    this.#peek = database.prepare(
      `SELECT position, body FROM logbook WHERE delivered = 0 ORDER BY position LIMIT ?`,
    );
    this.#settle = database.prepare(
      `UPDATE logbook SET delivered = 1 WHERE position IN (SELECT value FROM json_each(?))`,
    );
    this.#query = logbookQuery(database);
    this.#count = database.prepare(`SELECT count(*) AS n FROM logbook`);
    this.recount();
  }

  /** Reads the count anew: at the start, and after a rollback took rows back. */
  recount(): void {
    this.#rows = Number(this.#count.get()?.['n']);
  }

  /** One that is there already stays as it is. */
  note({ key, ts, kind, device, name, body }: LogbookRow, beforeTs: number): void {
    this.#rows += this.#insert.run(key, ts, kind, device, name, body);
    this.#rows -= this.#removeOld.run(beforeTs, PRUNE_ROWS);
    if (this.#rows > this.#maxRows) this.#rows -= this.#removeFirst.run(this.#rows - this.#maxRows);
  }

  peek(limit: number): readonly WaitingEntry[] {
    return this.#peek
      .all(limit)
      .map((row) => ({ position: Number(row['position']), body: String(row['body']) }));
  }

  settle(positions: readonly number[]): void {
    this.#settle.run(JSON.stringify(positions));
  }

  query(query: LogbookQuery): readonly string[] {
    return runLogbookQuery(this.#query, query);
  }
}

/** Also for a reader of its own, outside of the store's thread. */
export function logbookQuery(database: SqliteDatabase): SqliteStatement {
  return database.prepare(
    `SELECT body FROM logbook WHERE ts >= ? AND ts < ?
       AND (? IS NULL OR kind = ?) AND (? IS NULL OR device = ?) AND (? IS NULL OR name = ?)
     ORDER BY ts DESC, position DESC LIMIT ?`,
  );
}

/** Entries as JSON, oldest first; of more than `limit` the newest. */
export function runLogbookQuery(statement: SqliteStatement, query: LogbookQuery): readonly string[] {
  const { fromTs, toTs, kind = null, device = null, name = null, limit } = query;
  return statement
    .all(fromTs, toTs, kind, kind, device, device, name, name, limit)
    .map((row: SqlRow) => String(row['body']))
    .reverse();
}
