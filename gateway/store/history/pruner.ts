// Takes samples out of the local history, inside the store's thread: a small chunk a call, so that no append waits long.
// What may go is decided in retention/what-may-go.ts.
import type { PruneStep } from '../retention/what-may-go.js';
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

/** What a device may lose more than another when the oldest must go for room. */
const SLICE_MS = 600_000;

export class HistoryPruner {
  readonly #database: SqliteDatabase;
  readonly #mustShrink: () => boolean;
  readonly #oldest: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #removeRange: SqliteStatement;
  #givenUp = 0;

  /** While `mustShrink` says so the oldest go, however young. */
  constructor(database: SqliteDatabase, mustShrink: () => boolean) {
    this.#database = database;
    this.#mustShrink = mustShrink;
    // Each device's oldest is the first row of its run of pages: one step down the tree a device.
    this.#oldest = database.prepare(
      `SELECT id AS device, (SELECT min(ts) FROM history WHERE history.device = devices.id) AS ts
       FROM devices WHERE ts IS NOT NULL ORDER BY ts LIMIT 2`,
    );
    this.#remove = database.prepare(
      `DELETE FROM history WHERE (device, ts, series, seq) IN
       (SELECT device, ts, series, seq FROM history WHERE device = ? AND ts < ? ORDER BY ts LIMIT ?)`,
    );
    this.#removeRange = database.prepare(
      `DELETE FROM history WHERE (device, ts, series, seq) IN
       (SELECT history.device, ts, series, seq FROM devices CROSS JOIN history ON history.device = devices.id
        WHERE ts >= ? AND ts < ? LIMIT ?)`,
    );
  }

  /** How many samples went; 0 means that there is no more to do. */
  prune({ ranges, chunkRows }: PruneStep): number {
    let gone = 0;
    for (const { fromTs, toTs } of ranges) {
      if (gone >= chunkRows) return gone;
      gone += this.#removeRange.run(Math.max(fromTs, Number.MIN_SAFE_INTEGER), toTs, chunkRows - gone);
    }
    return gone > 0 ? gone : this.makeRoom(chunkRows);
  }

  /** The oldest, however young, where they may go for room. */
  makeRoom(chunkRows: number): number {
    if (!this.#mustShrink()) return 0;
    const [first, second] = this.#oldest.all();
    if (first === undefined) return 0;
    const oldest = Number(first['ts']);
    // Hardly beyond the next device's oldest, so that all devices lose the same stretch of time.
    const end = Math.max(Number(second?.['ts'] ?? oldest), oldest) + SLICE_MS;
    const gone = this.#remove.run(first['device'] ?? null, end, chunkRows);
    this.#givenUp += gone;
    return gone;
  }

  /** Samples that went for room, before their time. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Removes what no sample needs any more: series, origins, the runs of their numbers, and the names of devices. */
  sweep(beforeTs: number): void {
    this.#database.prepare(SWEEP_SERIES).run(beforeTs);
    this.#database.exec(SWEEP);
  }
}

// What a device has no rows of stays known until it is old enough itself: a sample of it that comes again is no new one.
const SWEEP_SERIES = `
  DELETE FROM series WHERE last_ts < coalesce(
    (SELECT min(history.ts) FROM history
     WHERE history.device = (SELECT device FROM origins WHERE origins.id = series.origin)), ?)`;
const SWEEP = `
  DELETE FROM origins WHERE id NOT IN (SELECT origin FROM series);
  DELETE FROM stored WHERE origin NOT IN (SELECT id FROM origins);
  DELETE FROM devices WHERE id NOT IN (SELECT device FROM origins);
`;
