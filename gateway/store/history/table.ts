// The local history, inside the store's thread: takes samples in, sorted, and gives a range of them back. Every method
// runs within the caller's transaction.
import type { Point, PointsQuery } from '../../../shared/points.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import { HistoryQueries } from './queries.js';
import { isDamaged, splitBody, tried, type SampleRow, type StoredRow } from '../rows/sample.js';
import { SeqRanges } from '../rows/seq-ranges.js';
import { SeriesCatalog } from './series-catalog.js';
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

type SplitBody = ReturnType<typeof splitBody>;

/** Not as one object: to make it of the two would cost more than half of storing it. */
interface SplitRow {
  readonly row: SampleRow;
  readonly body: SplitBody;
}

interface Entry extends SplitRow {
  readonly device: number;
}

export interface Damaged {
  readonly index: number;
  readonly reason: string;
}

export class HistoryTable {
  readonly #catalog: SeriesCatalog;
  readonly #ranges: SeqRanges;
  readonly #insert: SqliteStatement;
  readonly #lastTs: SqliteStatement;
  readonly #queries: HistoryQueries;

  constructor(database: SqliteDatabase) {
    this.#catalog = new SeriesCatalog(database);
    this.#ranges = new SeqRanges(database);
    this.#insert = database.prepare(
      `INSERT OR IGNORE INTO history (device, ts, series, seq, readings, errors) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#lastTs = database.prepare(`UPDATE series SET last_ts = max(last_ts, ?) WHERE id = ?`);
    this.#queries = new HistoryQueries(database);
  }

  /** After a rollback, or after series were taken away (their numbers may be given anew) or marked otherwise. */
  forget(): void {
    this.#catalog.forget();
  }

  /**
   * What is there already, or was there once, stays as it is. Sorted, so that pages are filled one after the other. Which
   * of them are damaged, and so were left out.
   */
  deliver(rows: readonly SampleRow[]): readonly Damaged[] {
    const sound: SplitRow[] = [];
    const damaged: Damaged[] = [];
    for (const [index, row] of rows.entries()) {
      const split = tried(() => splitBody(row.body));
      if (isDamaged(split)) damaged.push({ index, reason: split.damaged });
      else sound.push({ row, body: split });
    }
    this.#insertFresh(sound);
    return damaged;
  }

  #insertFresh(rows: readonly SplitRow[]): void {
    const fresh = this.#fresh(rows).sort((a, b) => a.device - b.device || a.row.ts - b.row.ts);
    const newest = new Map<number, number>();
    for (const { device, row, body } of fresh) {
      const { gateway, clock = body.clock, run } = row;
      const origin = this.#catalog.origin(device, row);
      const series = this.#catalog.series(origin, gateway, body.fields, clock, run);
      this.#insert.run(device, row.ts, series, row.seq, body.readings, body.errors);
      newest.set(series, Math.max(row.ts, newest.get(series) ?? row.ts));
    }
    for (const [series, ts] of newest) this.#lastTs.run(ts, series);
  }

  query(query: HistoryQuery): readonly StoredRow[] {
    return this.#queries.samples(query);
  }

  known(
    device: string,
    samples: readonly Pick<SampleRow, 'boot' | 'seq' | 'gateway'>[],
  ): ReadonlySet<number> {
    return this.#queries.known(device, samples);
  }

  points(query: PointsQuery): readonly Point[] {
    return this.#queries.points(query);
  }

  #fresh(rows: readonly SplitRow[]): Entry[] {
    const origins = new Map<number, Map<number, Entry>>();
    for (const { row, body } of rows) {
      const device = this.#catalog.device(row.device);
      const origin = this.#catalog.origin(device, row);
      const bySeq = origins.get(origin) ?? new Map<number, Entry>();
      origins.set(origin, bySeq);
      if (!bySeq.has(row.seq)) bySeq.set(row.seq, { device, row, body });
    }
    return [...origins].flatMap(([origin, bySeq]) => {
      const seqs = [...bySeq.keys()].sort((a, b) => a - b);
      return this.#ranges.add(origin, seqs).flatMap((seq) => bySeq.get(seq) ?? []);
    });
  }
}
