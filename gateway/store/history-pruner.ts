// Retention of the local history, inside the store's thread: a small chunk a call, so that no append waits long.
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

export interface PruneStep {
  /** Samples taken before this moment (epoch ms) go. */
  readonly beforeTs?: number;
  /** At most this many samples in one step. */
  readonly chunkRows: number;
}

/** What a device may lose more than another when the oldest must go for room. */
const SLICE_MS = 600_000;

export class HistoryPruner {
  readonly #database: SqliteDatabase;
  readonly #mustShrink: () => boolean;
  readonly #oldest: SqliteStatement;
  readonly #remove: SqliteStatement;
  #givenUp = 0;

  /** While `mustShrink` says so the oldest go, however young. */
  constructor(database: SqliteDatabase, mustShrink: () => boolean) {
    this.#database = database;
    this.#mustShrink = mustShrink;
    // Each device's oldest is the first row of its run of pages: one step down the tree a device.
    this.#oldest = database.prepare(
      `SELECT id AS device, (SELECT min(ts) FROM history WHERE history.device = devices.id) AS ts
       FROM devices WHERE ts IS NOT NULL ORDER BY ts`,
    );
    this.#remove = database.prepare(
      `DELETE FROM history WHERE (device, ts, series, seq) IN
       (SELECT device, ts, series, seq FROM history WHERE device = ? AND ts < ? ORDER BY ts LIMIT ?)`,
    );
  }

  /** How many samples went; 0 means that there is no more to do. */
  prune({ beforeTs = Number.NEGATIVE_INFINITY, chunkRows }: PruneStep): number {
    const [first, second] = this.#oldest.all();
    if (first === undefined) return 0;
    const oldest = Number(first['ts']);
    if (oldest < beforeTs) return this.#removeOf(first['device'], beforeTs, chunkRows);
    if (!this.#mustShrink()) return 0;
    // Hardly beyond the next device's oldest, so that all devices lose the same stretch of time.
    const end = Math.max(Number(second?.['ts'] ?? oldest), oldest) + SLICE_MS;
    const gone = this.#removeOf(first['device'], end, chunkRows);
    this.#givenUp += gone;
    return gone;
  }

  /** Samples that went for room, before their time. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Removes what no sample needs any more: series, origins and the runs of their numbers. */
  sweep(): void {
    this.#database.exec(SWEEP);
  }

  #removeOf(device: string | number | null | undefined, beforeTs: number, atMost: number): number {
    return this.#remove.run(device ?? null, beforeTs, atMost);
  }
}

// A device that has no rows at all keeps its newest series: its gateway may be away, and its numbers must stay known.
const SWEEP = `
  DELETE FROM series WHERE last_ts < (
    SELECT min(history.ts) FROM history
    WHERE history.device = (SELECT device FROM origins WHERE origins.id = series.origin)
  );
  DELETE FROM origins WHERE id NOT IN (SELECT origin FROM series);
  DELETE FROM stored WHERE origin NOT IN (SELECT id FROM origins);
`;
