// The time of retention, kept in the store's file so that a restart does not make a wrong clock the first to be
// believed. Inside the store's thread, within the caller's transaction.
import { stepRetention, type RetentionTime } from './retention-clock.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

const KEY = 'retention';

export class RetentionTable {
  readonly #read: SqliteStatement;
  readonly #write: SqliteStatement;
  readonly #newest: SqliteStatement;
  #lastMonotonicMs: number | undefined;

  constructor(database: SqliteDatabase) {
    this.#read = database.prepare(`SELECT value FROM meta WHERE key = '${KEY}'`);
    this.#write = database.prepare(`INSERT OR REPLACE INTO meta (key, value) VALUES ('${KEY}', ?)`);
    this.#newest = database.prepare('SELECT max(last_ts) AS ts FROM series');
  }

  /** The moment to count from, now that the clocks say this. */
  trustedTs(wallTs: number, monotonicMs: number): number {
    const elapsedMs = Math.max(0, monotonicMs - (this.#lastMonotonicMs ?? monotonicMs));
    this.#lastMonotonicMs = monotonicMs;
    const next = stepRetention(this.#last(wallTs), wallTs, elapsedMs);
    this.#write.run(JSON.stringify(next));
    return next.trustedTs;
  }

  /** A file that has no such time yet is as old as its newest sample. */
  #last(wallTs: number): RetentionTime {
    const value = this.#read.get()?.['value'];
    // Written here only.
    if (typeof value === 'string') return JSON.parse(value) as RetentionTime;
    const newest = this.#newest.get()?.['ts'];
    return { trustedTs: typeof newest === 'number' ? Math.min(newest, wallTs) : wallTs };
  }
}
