// The table of the outbox and its dead letters, inside the store's thread: what waits for longer (outbox.ts). Every method
// runs within the caller's transaction.
import type { HistoryQuery, OutboxStats, Poisoned } from '../../../shared/stores.js';
import { DeadLetterTable, type DeadLetterLimits } from './dead-letter-table.js';
import { OutboxQueries, SAMPLE_COLUMNS } from './queries.js';
import type { AheadRow } from '../ahead/row.js';
import type { IncomingRow, PositionedRow, SampleRow } from '../rows/sample.js';
import { readSampleRow } from '../rows/sample.js';
import type { SqliteStatement, SqlValue } from '../sqlite/engine.js';
import type { StoreFile } from '../sqlite/opened-file.js';
import { BATCH_CHARS, takeWithin } from '../sqlite/within.js';

/** One statement costs less than fifty. */
const BLOCK_ROWS = 50;
const CELLS = 10;

export class OutboxTable {
  readonly #storeId: string;
  readonly #dead: DeadLetterTable;
  #depth = 0;
  #seenVersion: number | undefined;

  readonly #insert: SqliteStatement;
  readonly #insertBlock: SqliteStatement;
  readonly #peek: SqliteStatement;
  readonly #peekUnheld: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #dropFirst: SqliteStatement;
  readonly #having: SqliteStatement;
  readonly #sizes: SqliteStatement;
  readonly #queries: OutboxQueries;
  readonly #oldest: SqliteStatement;
  readonly #count: SqliteStatement;
  readonly #dataVersion: SqliteStatement;

  constructor({ database, storeId }: StoreFile, limits: DeadLetterLimits) {
    this.#storeId = storeId;
    this.#dead = new DeadLetterTable(database, limits);
    this.#insert = insertOf(database, 1);
    this.#insertBlock = insertOf(database, BLOCK_ROWS);
    this.#peek = database.prepare(`SELECT position, ${SAMPLE_COLUMNS} FROM outbox ORDER BY position LIMIT ?`);
    this.#peekUnheld = database.prepare(
      `SELECT position, ${SAMPLE_COLUMNS} FROM outbox
       WHERE NOT (run IS ? AND clock IS 'unsynchronised') ORDER BY position LIMIT ?`,
    );
    this.#remove = database.prepare(`DELETE FROM outbox WHERE position IN (SELECT value FROM json_each(?))`);
    this.#having = database.prepare(
      `SELECT position FROM outbox WHERE position IN (SELECT value FROM json_each(?))`,
    );
    this.#sizes = database.prepare(
      `SELECT length(CAST(body AS BLOB)) AS bytes FROM outbox ORDER BY position`,
    );
    this.#dropFirst = database.prepare(
      `DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT ?)`,
    );
    this.#queries = new OutboxQueries({ database, storeId });
    this.#oldest = database.prepare(`SELECT accepted_ts FROM outbox ORDER BY position LIMIT 1`);
    this.#count = database.prepare(`SELECT count(*) AS n FROM outbox`);
    // Changes when another connection has committed: https://sqlite.org/pragma.html#pragma_data_version
    this.#dataVersion = database.prepare('PRAGMA data_version');
    this.recount();
  }

  /** Whoever replayed dead letters from a shell has changed what is counted here. */
  #noticeOthers(): void {
    const version = Number(this.#dataVersion.get()?.['data_version']);
    if (version !== this.#seenVersion) this.recount();
    this.#seenVersion = version;
  }

  /** Reads the counts anew: at the start, and after a rollback took rows back. */
  recount(): void {
    this.#depth = Number(this.#count.get()?.['n']);
    this.#dead.recount();
  }

  get depth(): number {
    return this.#depth;
  }

  /** One that is there already was read again behind a kill: it stays as it is. */
  append(rows: readonly AheadRow[]): void {
    const cells: SqlValue[] = [];
    for (const row of rows) addCells(cells, row, row.position, row.acceptedTs);
    this.#insertCells(cells);
  }

  /** New ones, from position `first` on. */
  appendFrom(first: number, rows: readonly IncomingRow[], acceptedTs: number): void {
    const cells: SqlValue[] = [];
    for (const [index, row] of rows.entries()) addCells(cells, row, first + index, acceptedTs);
    this.#insertCells(cells);
  }

  #insertCells(cells: readonly SqlValue[]): void {
    const block = BLOCK_ROWS * CELLS;
    let from = 0;
    for (; from + block <= cells.length; from += block)
      this.#depth += this.#insertBlock.run(...cells.slice(from, from + block));
    for (; from < cells.length; from += CELLS)
      this.#depth += this.#insert.run(...cells.slice(from, from + CELLS));
  }

  /** Which of these positions are here. */
  having(positions: readonly number[]): readonly number[] {
    if (positions.length === 0 || this.#depth === 0) return [];
    return this.#having.all(JSON.stringify(positions)).map((row) => Number(row['position']));
  }

  /** Takes out the oldest, delivered or not: so many, and so many more that they had so many bytes. How many there were. */
  dropOldest(count: number, bytes = 0): number {
    const dropped = this.#dropFirst.run(Math.max(count, bytes > 0 ? this.#oldestWith(bytes) : 0));
    this.#depth -= dropped;
    return dropped;
  }

  /** How many of the oldest have so many bytes. */
  #oldestWith(bytes: number): number {
    let [rows, left] = [0, bytes];
    for (const row of this.#sizes.iterate()) {
      rows += 1;
      left -= Number(row['bytes']);
      if (left <= 0) break;
    }
    return rows;
  }

  /** `held`: without those whose times may still be moved with the clock of this run. */
  peek(limit: number, { held }: { readonly held?: string | undefined } = {}): readonly PositionedRow[] {
    const waiting =
      held === undefined
        ? this.#peek.iterate(this.#storeId, limit)
        : this.#peekUnheld.iterate(this.#storeId, held, limit);
    const { rows, cut } = takeWithin(waiting, BATCH_CHARS, (row) => {
      const value = { ...readSampleRow(row), position: Number(row['position']) };
      return { value, chars: value.body.length };
    });
    const last = rows.at(-1);
    return cut && last !== undefined ? [...rows.slice(0, -1), { ...last, cutBehind: true }] : rows;
  }

  /** How many dead letters were dropped to keep the limit. */
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): number {
    for (const { position, reason } of poisoned) this.#dead.add(position, reason);
    const positions = [...delivered, ...poisoned.map(({ position }) => position)];
    this.#depth -= this.#remove.run(JSON.stringify(positions));
    return poisoned.length === 0 ? 0 : this.#dead.keepWithin();
  }

  query(query: HistoryQuery): readonly SampleRow[] {
    return this.#queries.samples(query);
  }

  stats(): OutboxStats {
    this.#noticeOthers();
    const oldest = this.#oldest.get()?.['accepted_ts'];
    return {
      storeId: this.#storeId,
      depth: this.#depth,
      deadLetters: this.#dead.count,
      ...(typeof oldest === 'number' ? { oldestAcceptedTs: oldest } : {}),
    };
  }
}

function insertOf(database: StoreFile['database'], rows: number): SqliteStatement {
  const values = new Array(rows).fill(`(${new Array(CELLS).fill('?').join()})`).join();
  return database.prepare(
    `INSERT OR IGNORE INTO outbox (position, accepted_ts, boot, device, seq, ts, gateway, body, clock, run)
     VALUES ${values}`,
  );
}

function addCells(cells: SqlValue[], row: IncomingRow, position: number, acceptedTs: number): void {
  const { boot, device, seq, ts, gateway, body, clock = null, run = null } = row;
  cells.push(position, acceptedTs, boot, device, seq, ts, gateway, body, clock, run);
}
