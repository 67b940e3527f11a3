// What the clocks have said, kept in the store's file so that a restart makes no wrong clock the first to be believed.
// Inside the store's thread, within the caller's transaction.
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

const KEY = 'clocks';
/** Of the versions before: the one moment that they counted from. */
const OLD_KEY = 'retention';

export interface KeptRecord {
  readonly record: string | null;
  /** Where there is none yet: up to when the file's samples are as old as their times say. */
  readonly newestTs: number | null;
}

export class RecordTable {
  readonly #read: SqliteStatement;
  readonly #write: SqliteStatement;
  readonly #newest: SqliteStatement;

  constructor(database: SqliteDatabase) {
    this.#read = database.prepare('SELECT value FROM meta WHERE key = ?');
    this.#write = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
    this.#newest = database.prepare('SELECT max(last_ts) AS ts FROM series');
  }

  read(): KeptRecord {
    const record = this.#read.get(KEY)?.['value'];
    return {
      record: typeof record === 'string' ? record : null,
      newestTs: this.#trustedBefore() ?? this.#newestTs(),
    };
  }

  write(record: string): void {
    this.#write.run(KEY, record);
  }

  #trustedBefore(): number | null {
    const kept = /"trustedTs":(-?\d+)/.exec(String(this.#read.get(OLD_KEY)?.['value']))?.[1];
    return kept === undefined ? null : Number(kept);
  }

  #newestTs(): number | null {
    const newest = this.#newest.get()?.['ts'];
    return typeof newest === 'number' ? newest : null;
  }
}
