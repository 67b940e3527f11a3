// The local history, inside the store's thread. Every method runs within the caller's transaction.
import type { HistoryQuery } from '../../shared/ports.js';
import { readSampleRow, type SampleRow } from './sample-row.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

export interface PruneStep {
  /** Samples taken before this moment (epoch ms) go. */
  readonly beforeTs?: number;
  /** Beyond this many the first stored go. */
  readonly maxRows?: number;
  /** At most this many rows in one step, so that no append waits long. */
  readonly chunkRows: number;
}

export class HistoryTable {
  readonly #insert: SqliteStatement;
  readonly #query: SqliteStatement;
  readonly #devices: SqliteStatement;
  readonly #removeOld: SqliteStatement;
  readonly #removeFirst: SqliteStatement;
  readonly #count: SqliteStatement;
  /** Undefined until somebody needs it: counting millions of rows takes a while. */
  #rows: number | undefined;

  constructor(database: SqliteDatabase) {
    this.#insert = database.prepare(
      `INSERT OR IGNORE INTO history (boot, device, seq, ts, gateway, body) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#query = historyQuery(database);
    // DISTINCT over the index's first column skips from device to device: https://sqlite.org/optoverview.html
    this.#devices = database.prepare(`SELECT DISTINCT device FROM history`);
    this.#removeOld = database.prepare(
      `DELETE FROM history WHERE id IN (SELECT id FROM history WHERE device = ? AND ts < ? ORDER BY ts LIMIT ?)`,
    );
    this.#removeFirst = database.prepare(
      `DELETE FROM history WHERE id IN (SELECT id FROM history ORDER BY id LIMIT ?)`,
    );
    this.#count = database.prepare(`SELECT count(*) AS n FROM history`);
  }

  /** After a rollback took rows back. */
  recount(): void {
    this.#rows = undefined;
  }

  /** What is there already stays as it is. */
  deliver(rows: readonly SampleRow[]): void {
    let inserted = 0;
    for (const { boot, device, seq, ts, gateway, body } of rows) {
      inserted += this.#insert.run(boot, device, seq, ts, gateway, body);
    }
    if (this.#rows !== undefined) this.#rows += inserted;
  }

  query(query: HistoryQuery): readonly SampleRow[] {
    return runHistoryQuery(this.#query, query);
  }

  /** How many rows went; fewer than `chunkRows` means that there is no more to do. */
  prune({ beforeTs, maxRows, chunkRows }: PruneStep): number {
    let left = chunkRows;
    if (beforeTs !== undefined) {
      for (const { device } of this.#devices.all()) {
        if (left > 0) left -= this.#removeOld.run(device ?? null, beforeTs, left);
      }
    }
    const old = chunkRows - left;
    if (this.#rows !== undefined) this.#rows -= old;
    return old + (maxRows === undefined ? 0 : this.#removeBeyond(maxRows, left));
  }

  #removeBeyond(maxRows: number, atMost: number): number {
    this.#rows ??= Number(this.#count.get()?.['n']);
    const excess = Math.min(this.#rows - maxRows, atMost);
    const removed = excess > 0 ? this.#removeFirst.run(excess) : 0;
    this.#rows -= removed;
    return removed;
  }
}

/** Also for a reader of its own, outside of the store's thread. */
export function historyQuery(database: SqliteDatabase): SqliteStatement {
  return database.prepare(
    `SELECT boot, device, seq, ts, gateway, body FROM history
     WHERE device = ? AND ts >= ? AND ts < ? ORDER BY ts DESC, id DESC LIMIT ?`,
  );
}

/** Oldest first; of more than `limit` the newest. */
export function runHistoryQuery(
  statement: SqliteStatement,
  { device, fromTs, toTs, limit }: HistoryQuery,
): readonly SampleRow[] {
  return statement.all(device, fromTs, toTs, limit).map(readSampleRow).reverse();
}
