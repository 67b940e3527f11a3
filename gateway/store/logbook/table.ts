// The logbook's table, inside the store's thread: kept here, and waiting here for MongoDB where that is the store. Every
// method runs within the caller's transaction.
import type { LogbookQuery } from '../../../shared/logbook.js';
import type { LogbookRow } from '../rows/entry.js';
import type { PruneStep } from '../retention/what-may-go.js';
import type { SqliteDatabase, SqliteStatement, SqlRow } from '../sqlite/engine.js';
import { ANSWER_CHARS, BATCH_CHARS, takeWithin } from '../sqlite/within.js';

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

export interface WaitingEntry {
  readonly position: number;
  readonly body: string;
  readonly cutBehind?: true;
}

export interface LogbookLimits {
  /** Entries kept; beyond it the oldest go, delivered or not. */
  readonly logbookRows: number;
  /** What the store's file may hold; the logbook has its share of that. */
  readonly maxBytes: number;
}

/** Of the file: so that a bad night's events drive out no history. With its indexes it takes some more than its texts. */
const SHARE = 1 / 10;
/** A few more than must go, so that not each entry that comes walks over the oldest. */
const ROWS_AT_ONCE = 100;

export class LogbookTable {
  readonly #maxRows: number;
  readonly #maxChars: number;
  readonly #insert: SqliteStatement;
  readonly #removeOld: SqliteStatement;
  readonly #removeFirst: SqliteStatement;
  readonly #peek: SqliteStatement;
  readonly #settle: SqliteStatement;
  readonly #query: SqliteStatement;
  readonly #count: SqliteStatement;
  readonly #charsOfFirst: SqliteStatement;
  readonly #charsOfOld: SqliteStatement;
  #rows = 0;
  #chars = 0;

  constructor(database: SqliteDatabase, { logbookRows, maxBytes }: LogbookLimits) {
    this.#maxRows = logbookRows;
    this.#maxChars = maxBytes * SHARE;
    this.#insert = database.prepare(
      `INSERT OR IGNORE INTO logbook (key, ts, kind, device, name, body) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#removeOld = database.prepare(
      `DELETE FROM logbook WHERE position IN (SELECT position FROM logbook WHERE ts >= ? AND ts < ? LIMIT ?)`,
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
    this.#count = database.prepare(`SELECT count(*) AS n, total(length(body)) AS chars FROM logbook`);
    this.#charsOfFirst = database.prepare(
      `SELECT total(length(body)) AS chars FROM (SELECT body FROM logbook ORDER BY position LIMIT ?)`,
    );
    this.#charsOfOld = database.prepare(
      `SELECT total(length(body)) AS chars FROM (SELECT body FROM logbook WHERE ts >= ? AND ts < ? LIMIT ?)`,
    );
    this.recount();
  }

  /** Reads the count anew: at the start, and after a rollback took rows back. */
  recount(): void {
    const counted = this.#count.get();
    this.#rows = Number(counted?.['n']);
    this.#chars = Number(counted?.['chars']);
  }

  /** One that is there already stays as it is. */
  note({ key, ts, kind, device, name, body }: LogbookRow): void {
    const added = this.#insert.run(key, ts, kind, device, name, body);
    this.#rows += added;
    this.#chars += added * body.length;
    if (this.#rows > this.#maxRows) this.#dropFirst(this.#rows - this.#maxRows);
    while (this.#chars > this.#maxChars && this.#rows > 1)
      this.#dropFirst(Math.min(ROWS_AT_ONCE, this.#rows - 1));
  }

  /** How many entries of these times went, at most so many. */
  prune({ ranges, chunkRows }: PruneStep): number {
    let gone = 0;
    for (const { fromTs, toTs } of ranges) {
      if (gone >= chunkRows) break;
      const range = [Math.max(fromTs, Number.MIN_SAFE_INTEGER), toTs, chunkRows - gone] as const;
      this.#chars -= Number(this.#charsOfOld.get(...range)?.['chars']);
      gone += this.#removeOld.run(...range);
    }
    this.#rows -= gone;
    return gone;
  }

  #dropFirst(count: number): void {
    this.#chars -= Number(this.#charsOfFirst.get(count)?.['chars']);
    this.#rows -= this.#removeFirst.run(count);
  }

  peek(limit: number): readonly WaitingEntry[] {
    const { rows, cut } = takeWithin(this.#peek.iterate(limit), BATCH_CHARS, (row) => {
      const value = { position: Number(row['position']), body: String(row['body']) };
      return { value, chars: value.body.length };
    });
    const last = rows.at(-1);
    return cut && last !== undefined ? [...rows.slice(0, -1), { ...last, cutBehind: true }] : rows;
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
       AND (? IS NULL OR kind = ?) AND (? IS NULL OR device IN (?, ?)) AND (? IS NULL OR name = ?)
       AND (? IS NULL OR (ts, position) < (SELECT ts, position FROM logbook WHERE key = ?))
     ORDER BY ts DESC, position DESC LIMIT ?`,
  );
}

/** Entries as JSON, oldest first; of more than `limit` the newest. */
export function runLogbookQuery(statement: SqliteStatement, query: LogbookQuery): readonly string[] {
  const { fromTs, toTs, kind = null, device = null, name = null, before = null } = query;
  const { formerDevice = device, limit, maxChars = ANSWER_CHARS } = query;
  const asked = [kind, kind, device, device, formerDevice, name, name, before, before];
  const found = statement.iterate(fromTs, toTs, ...asked, limit);
  const read = (row: SqlRow): { value: string; chars: number } => {
    const value = String(row['body']);
    return { value, chars: value.length };
  };
  return [...takeWithin(found, maxChars, read).rows].reverse();
}
