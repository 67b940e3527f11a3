// What no store takes, inside the store's thread: samples that MongoDB refused for good, and telemetry that is no sample.
// Every method runs within the caller's transaction.
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

export interface DeadLetterLimits {
  /** Dead letters kept; beyond it the oldest are dropped and counted. */
  readonly deadLetters: number;
  /** What the store's file may hold; the dead letters have their share of that. */
  readonly maxBytes: number;
}

const DEAD_SHARE = 1 / 10;
/** At its limit each new one would look through all of them: so much more goes at once. */
const DROPPED_AT_ONCE = 1 / 100;

/** How the body of one that is no sample begins; a sample's begins with its values. */
const NO_SAMPLE = '{"refused":';
export const IS_NO_SAMPLE = `body LIKE '${NO_SAMPLE}%'`;

/** A payload that is no sample as the body of a row. JSON, so that no byte of it can end a text of SQLite's early. */
export function bodyOfRefused(topic: string, payload: string): string {
  return `${NO_SAMPLE}${JSON.stringify(payload)},"topic":${JSON.stringify(topic)}}`;
}

export class DeadLetterTable {
  readonly #mostChars: number;
  readonly #most: number;
  #count = 0;
  #chars = 0;

  readonly #bury: SqliteStatement;
  readonly #drop: SqliteStatement;
  readonly #sums: SqliteStatement;

  constructor(database: SqliteDatabase, limits: DeadLetterLimits) {
    this.#most = limits.deadLetters;
    this.#mostChars = limits.maxBytes * DEAD_SHARE;
    this.#bury = database.prepare(
      `INSERT OR IGNORE INTO dead_letters (position, reason, accepted_ts, boot, device, seq, ts, gateway, body, clock, run)
       SELECT position, ?, accepted_ts, boot, device, seq, ts, gateway, body, clock, run FROM outbox WHERE position = ?
       RETURNING length(body) AS chars`,
    );
    // Whoever sends what is no sample shall not push out samples: those go last.
    this.#drop = database.prepare(
      `DELETE FROM dead_letters WHERE position IN (
         SELECT position FROM dead_letters ORDER BY ${IS_NO_SAMPLE} DESC, position LIMIT ?)
       RETURNING length(body) AS chars`,
    );
    this.#sums = database.prepare(
      `SELECT count(*) AS n, coalesce(sum(length(body)), 0) AS chars FROM dead_letters`,
    );
    this.recount();
  }

  get count(): number {
    return this.#count;
  }

  /** Reads the counts anew: at the start, after a rollback, and where somebody else has changed them. */
  recount(): void {
    const sums = this.#sums.get();
    this.#count = Number(sums?.['n']);
    this.#chars = Number(sums?.['chars']);
  }

  /** Copies the row at this position of the outbox. */
  add(position: number, reason: string): void {
    for (const row of this.#bury.all(reason, position)) {
      this.#count += 1;
      this.#chars += Number(row['chars']);
    }
  }

  /** By number, and by what they take of the file. How many were dropped. */
  keepWithin(): number {
    let dropped = 0;
    while (this.#count > 0 && (this.#count > this.#most || this.#chars > this.#mostChars)) {
      const excess = this.#count - this.#most;
      const gone = this.#drop.all(Math.max(1, excess, Math.floor(this.#count * DROPPED_AT_ONCE)));
      for (const row of gone) this.#chars -= Number(row['chars']);
      this.#count -= gone.length;
      dropped += gone.length;
    }
    return dropped;
  }
}
