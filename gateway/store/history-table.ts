// The local history, inside the store's thread: takes samples in, sorted, and gives a range of them back. Every method
// runs within the caller's transaction.
import type { Point, PointsQuery } from '../../shared/points.js';
import type { HistoryQuery } from '../../shared/ports.js';
import { HistoryQueries } from './history-queries.js';
import { splitBody, type SampleRow, type StoredRow } from './sample-row.js';
import { SeqRanges } from './seq-ranges.js';
import { SeriesCatalog } from './series-catalog.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

interface Entry {
  readonly device: number;
  readonly row: SampleRow;
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

  /** After a rollback, or after a pruning took series away: their numbers may be given anew. */
  forget(): void {
    this.#catalog.forget();
  }

  /** What is there already, or was there once, stays as it is. Sorted, so that pages are filled one after the other. */
  deliver(rows: readonly SampleRow[]): void {
    const fresh = this.#fresh(rows).sort((a, b) => a.device - b.device || a.row.ts - b.row.ts);
    const newest = new Map<number, number>();
    for (const { device, row } of fresh) {
      const { fields, readings, errors } = splitBody(row.body);
      const series = this.#catalog.series(this.#catalog.origin(device, row.boot), row.gateway, fields);
      this.#insert.run(device, row.ts, series, row.seq, readings, errors);
      newest.set(series, Math.max(row.ts, newest.get(series) ?? row.ts));
    }
    for (const [series, ts] of newest) this.#lastTs.run(ts, series);
  }

  query(query: HistoryQuery): readonly StoredRow[] {
    return this.#queries.samples(query);
  }

  points(query: PointsQuery): readonly Point[] {
    return this.#queries.points(query);
  }

  #fresh(rows: readonly SampleRow[]): Entry[] {
    const origins = new Map<number, Map<number, Entry>>();
    for (const row of rows) {
      const device = this.#catalog.device(row.device);
      const origin = this.#catalog.origin(device, row.boot);
      const bySeq = origins.get(origin) ?? new Map<number, Entry>();
      origins.set(origin, bySeq);
      if (!bySeq.has(row.seq)) bySeq.set(row.seq, { device, row });
    }
    return [...origins].flatMap(([origin, bySeq]) => {
      const seqs = [...bySeq.keys()].sort((a, b) => a - b);
      return this.#ranges.add(origin, seqs).flatMap((seq) => bySeq.get(seq) ?? []);
    });
  }
}
