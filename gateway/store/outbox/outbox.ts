// What waits to be delivered, inside the store's thread: the newest ahead of the table, what waits for longer in it. Every
// method runs within the caller's transaction.
import { askedOf } from '../ahead/query.js';
import { identified } from '../ahead/row.js';
import type { Ahead } from '../ahead/ahead.js';
import type { HistoryQuery, OutboxStats, Poisoned } from '../../../shared/stores.js';
import type { IncomingRow, PositionedRow, SampleRow } from '../rows/sample.js';
import { saysFull, type Alongside } from '../sqlite/group-commit.js';
import type { StoreFile } from '../sqlite/opened-file.js';
import { BATCH_CHARS } from '../sqlite/within.js';
import type { DeadLetterLimits } from './dead-letter-table.js';
import { Positions } from './positions.js';
import { OutboxTable } from './table.js';

export interface OutboxLimits extends DeadLetterLimits {
  /** Samples that may wait. */
  readonly outboxRows: number;
}

/** Of so many at once each costs the table little: its pages are full, and one flush is for all of them. */
const MANY = 50;
/** Some ten milliseconds of the store's thread. */
const MOVED_AT_ONCE = 2000;

export class OutboxRows {
  /** Up to this position, where a move has begun. */
  #movingTo: number | undefined;
  readonly #storeId: string;
  readonly #limits: OutboxLimits;
  readonly #table: OutboxTable;
  readonly #ahead: Ahead;
  readonly #positions: Positions;
  readonly #isTight: () => boolean;

  /** `isTight`: everything goes into the table at once, as it can reuse what was deleted in it. */
  constructor(file: StoreFile, ahead: Ahead, limits: OutboxLimits, isTight: () => boolean) {
    this.#isTight = isTight;
    this.#storeId = file.storeId;
    this.#limits = limits;
    this.#table = new OutboxTable(file, limits);
    this.#ahead = ahead;
    this.#positions = new Positions(file.database, ahead.lastPosition);
    // A kill came between the move into the table and its line.
    ahead.rows.remove(this.#table.having([...ahead.rows.values()].map(({ position }) => position)));
    ahead.rows.settle();
  }

  get depth(): number {
    return this.#table.depth + this.#ahead.rows.size;
  }

  /** How many of so many more would be too many. */
  excess(more: number): number {
    return Math.max(0, this.depth + more - this.#limits.outboxRows);
  }

  /** `lazily`: they have left the process when the transaction has ended, and are on the disk a little later. */
  append(rows: readonly IncomingRow[], acceptedTs: number, lazily: boolean): void {
    const first = this.#positions.take(rows.length);
    if (rows.length >= MANY || this.#isTight()) {
      this.fold();
      this.#table.appendFrom(first, rows, acceptedTs);
      return;
    }
    for (const [index, row] of rows.entries())
      this.#ahead.add({ ...row, acceptedTs, position: first + index }, lazily);
  }

  /** All of them are in the table then. */
  fold(): void {
    if (this.#ahead.rows.size === 0) return;
    const rows = [...this.#ahead.rows.values()];
    this.#table.append(rows);
    this.#ahead.rows.remove(rows.map(({ position }) => position));
  }

  /** Everything is in the table, and nothing of the counts is left out: nothing more is appended. */
  end(): void {
    this.fold();
    this.#positions.giveBack();
  }

  /** Takes out the oldest, delivered or not: so many, and so many more that they had so many bytes. How many there were. */
  dropOldest(count: number, bytes = 0): number {
    this.fold();
    return this.#table.dropOldest(count, bytes);
  }

  /** `held`: without those whose times may still be moved with the clock of this run. */
  peek(limit: number, { held }: { readonly held?: string | undefined } = {}): readonly PositionedRow[] {
    const rows = [...this.#table.peek(limit, { held })];
    if (rows.at(-1)?.cutBehind === true) return rows;
    let left = BATCH_CHARS - rows.reduce((sum, { body }) => sum + body.length, 0);
    for (const row of this.#ahead.rows.values()) {
      if (rows.length >= limit) return rows;
      if (held !== undefined && row.run === held && row.clock === 'unsynchronised') continue;
      const last = rows.pop();
      if (left <= 0 && last !== undefined) return [...rows, { ...last, cutBehind: true }];
      if (last !== undefined) rows.push(last);
      left -= row.body.length;
      rows.push(identified(row, this.#storeId));
    }
    return rows;
  }

  /**
   * For a table that is sorted by device, what is to be moved next: of what is ahead all of the device whose sample is the
   * oldest. So its pages are written once for many samples, and nobody waits behind them for long. `more`: of those that
   * were here when a move began.
   */
  toMove(limit: number): { readonly rows: readonly PositionedRow[]; readonly more: boolean } {
    const { first, last } = this.#ahead.rows;
    // A move that something else has ended.
    if ((first?.position ?? Infinity) > (this.#movingTo ?? 0)) this.#movingTo = undefined;
    if (this.#table.depth > 0 || first === undefined || last === undefined) {
      const rows = this.peek(limit);
      return { rows, more: rows.at(-1)?.cutBehind === true };
    }
    this.#movingTo ??= last.position;
    const most = Math.min(limit, MOVED_AT_ONCE);
    const rows: PositionedRow[] = [];
    let [more, left] = [false, BATCH_CHARS];
    for (const row of this.#ahead.rows.values()) {
      if (row.position > this.#movingTo) break;
      if (row.device === first.device && rows.length < most && left > 0) {
        rows.push(identified(row, this.#storeId));
        left -= row.body.length;
      } else more = true;
    }
    if (!more) this.#movingTo = undefined;
    return { rows, more };
  }

  /** How many dead letters were dropped to keep the limit. */
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): number {
    // A dead letter is a copy of a row of the table.
    if (poisoned.some(({ position }) => this.#ahead.rows.has(position))) this.fold();
    const inTable = delivered.filter((position) => !this.#ahead.rows.has(position));
    const dropped = inTable.length + poisoned.length === 0 ? 0 : this.#table.settle(inTable, poisoned);
    this.#ahead.rows.remove(delivered);
    return dropped;
  }

  /** Those that `peek` gave, without `poisoned`, are somewhere else now. How many. */
  takeOut(rows: readonly PositionedRow[], poisoned: readonly Poisoned[]): number {
    const left = new Set(poisoned.map(({ position }) => position));
    const taken = rows.flatMap(({ position }) => (left.has(position) ? [] : [position]));
    this.settle(taken, poisoned);
    return rows.length;
  }

  /** What was acknowledged and is no sample: a dead letter with a position of its own. The same number. */
  bury(row: IncomingRow, reason: string, acceptedTs: number): number {
    const position = this.#positions.take(1);
    this.#table.appendFrom(position, [row], acceptedTs);
    return this.#table.settle([], [{ position, reason }]);
  }

  /** In the table alone. */
  query(query: HistoryQuery): readonly SampleRow[] {
    return this.#table.query(query);
  }

  queryAhead(query: HistoryQuery): readonly SampleRow[] {
    const rows: SampleRow[] = [];
    for (const row of this.#ahead.rows.values())
      if (row.device === query.device) rows.push(identified(row, this.#storeId));
    return askedOf(rows, query);
  }

  stats(): OutboxStats {
    const stats = this.#table.stats();
    const first = this.#ahead.rows.first?.acceptedTs;
    const oldest = [stats.oldestAcceptedTs, first].filter((ts) => ts !== undefined);
    return {
      ...{ storeId: stats.storeId, depth: this.depth, deadLetters: stats.deadLetters },
      ...(oldest.length === 0 ? {} : { oldestAcceptedTs: Math.min(...oldest) }),
    };
  }

  /** Counts are read anew: after a rollback took rows back. */
  recount(): void {
    this.#table.recount();
    this.#positions.forget();
  }

  #write(): void {
    // On a full disk what is delivered must go on leaving: only who adds needs room.
    if (this.#ahead.isFull && this.#ahead.grew) this.fold();
    try {
      this.#ahead.write();
    } catch (thrown) {
      if (!saysFull(thrown)) throw thrown;
      // The database has room of its own: what was deleted in it.
      this.fold();
    }
  }

  /** As a second resource of each transaction. */
  get alongside(): Alongside {
    const ahead = this.#ahead;
    return {
      mark: () => ahead.mark(),
      takeBack: (mark) => {
        ahead.takeBack(mark);
      },
      write: () => {
        this.#write();
      },
      committed: () => {
        ahead.committed();
      },
      rolledBack: () => {
        ahead.rolledBack();
      },
    };
  }
}
