// The outbox and its dead letters, inside the store's thread. Every method runs within the caller's transaction.
import type { HistoryQuery, OutboxStats, Poisoned } from '../../shared/ports.js';
import { OutboxQueries, SAMPLE_COLUMNS } from './outbox-queries.js';
import type { IncomingRow, PositionedRow, SampleRow } from './sample-row.js';
import { readSampleRow } from './sample-row.js';
import type { SqliteStatement, SqlValue } from './sqlite.js';
import type { StoreFile } from './store-file.js';

export interface OutboxLimits {
  /** Samples that may wait. */
  readonly outboxRows: number;
  /** Dead letters kept; beyond it the oldest are dropped and counted. */
  readonly deadLetters: number;
}

/** A statement keeps the books of AUTOINCREMENT once, however many rows it has. */
const BLOCK_ROWS = 50;

export class OutboxTable {
  readonly #storeId: string;
  readonly #limits: OutboxLimits;
  #depth = 0;
  #deadLetters = 0;
  #seenVersion: number | undefined;

  readonly #insert: SqliteStatement;
  readonly #insertBlock: SqliteStatement;
  readonly #peek: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #dropFirst: SqliteStatement;
  readonly #bury: SqliteStatement;
  readonly #dropDead: SqliteStatement;
  readonly #queries: OutboxQueries;
  readonly #oldest: SqliteStatement;
  readonly #count: SqliteStatement;
  readonly #countDead: SqliteStatement;
  readonly #dataVersion: SqliteStatement;

  constructor({ database, storeId }: StoreFile, limits: OutboxLimits) {
    this.#storeId = storeId;
    this.#limits = limits;
    this.#insert = insertOf(database, 1);
    this.#insertBlock = insertOf(database, BLOCK_ROWS);
    this.#peek = database.prepare(`SELECT position, ${SAMPLE_COLUMNS} FROM outbox ORDER BY position LIMIT ?`);
    this.#remove = database.prepare(`DELETE FROM outbox WHERE position IN (SELECT value FROM json_each(?))`);
    this.#dropFirst = database.prepare(
      `DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT ?)`,
    );
    this.#bury = database.prepare(
      `INSERT OR IGNORE INTO dead_letters (position, reason, accepted_ts, boot, device, seq, ts, gateway, body)
       SELECT position, ?, accepted_ts, boot, device, seq, ts, gateway, body FROM outbox WHERE position = ?`,
    );
    this.#dropDead = database.prepare(
      `DELETE FROM dead_letters WHERE position IN (SELECT position FROM dead_letters ORDER BY position LIMIT ?)`,
    );
    this.#queries = new OutboxQueries({ database, storeId });
    this.#oldest = database.prepare(`SELECT accepted_ts FROM outbox ORDER BY position LIMIT 1`);
    this.#count = database.prepare(`SELECT count(*) AS n FROM outbox`);
    this.#countDead = database.prepare(`SELECT count(*) AS n FROM dead_letters`);
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
    this.#deadLetters = Number(this.#countDead.get()?.['n']);
  }

  /** How many of so many more would be too many. */
  excess(more: number): number {
    return Math.max(0, this.#depth + more - this.#limits.outboxRows);
  }

  get depth(): number {
    return this.#depth;
  }

  append(rows: readonly IncomingRow[], acceptedTs: number): void {
    let from = 0;
    for (; from + BLOCK_ROWS <= rows.length; from += BLOCK_ROWS)
      this.#insertBlock.run(...cellsOf(rows.slice(from, from + BLOCK_ROWS), acceptedTs));
    for (const row of rows.slice(from)) this.#insert.run(...cellsOf([row], acceptedTs));
    this.#depth += rows.length;
  }

  /** Takes out the oldest, delivered or not; how many there were. */
  dropOldest(count: number): number {
    const dropped = this.#dropFirst.run(count);
    this.#depth -= dropped;
    return dropped;
  }

  peek(limit: number): readonly PositionedRow[] {
    return this.#peek
      .all(this.#storeId, limit)
      .map((row) => ({ ...readSampleRow(row), position: Number(row['position']) }));
  }

  /** How many dead letters were dropped to keep the limit. */
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): number {
    for (const { position, reason } of poisoned) this.#deadLetters += this.#bury.run(reason, position);
    const positions = [...delivered, ...poisoned.map(({ position }) => position)];
    this.#depth -= this.#remove.run(JSON.stringify(positions));
    const excess = this.#deadLetters - this.#limits.deadLetters;
    const dropped = excess > 0 ? this.#dropDead.run(excess) : 0;
    this.#deadLetters -= dropped;
    return dropped;
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
      deadLetters: this.#deadLetters,
      ...(typeof oldest === 'number' ? { oldestAcceptedTs: oldest } : {}),
    };
  }
}

/** Positions are given in the order of the rows. */
function insertOf(database: StoreFile['database'], rows: number): SqliteStatement {
  const values = new Array(rows).fill('(?, ?, ?, ?, ?, ?, ?)').join();
  return database.prepare(
    `INSERT INTO outbox (accepted_ts, boot, device, seq, ts, gateway, body) VALUES ${values}`,
  );
}

function cellsOf(rows: readonly IncomingRow[], acceptedTs: number): SqlValue[] {
  const cells: SqlValue[] = [];
  for (const { boot, device, seq, ts, gateway, body } of rows)
    cells.push(acceptedTs, boot, device, seq, ts, gateway, body);
  return cells;
}
