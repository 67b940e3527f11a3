// Which samples the history has, or had: per origin whole runs of `seq`, so that a sample that comes again is known
// however long ago it was stored, at the price of a row for hours of samples. Runs within the caller's transaction.
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

interface Run {
  readonly first: number;
  readonly last: number;
}

export class SeqRanges {
  readonly #below: SqliteStatement;
  readonly #above: SqliteStatement;
  readonly #write: SqliteStatement;
  readonly #remove: SqliteStatement;

  constructor(database: SqliteDatabase) {
    const columns = 'SELECT first, last FROM stored WHERE origin = ?';
    this.#below = database.prepare(`${columns} AND first <= ? ORDER BY first DESC LIMIT 1`);
    this.#above = database.prepare(`${columns} AND first > ? ORDER BY first LIMIT 1`);
    this.#write = database.prepare('INSERT OR REPLACE INTO stored (origin, first, last) VALUES (?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM stored WHERE origin = ? AND first = ?');
  }

  /** Of `seqs` (ascending, each once) those that were not known; known from now on. */
  add(origin: number, seqs: readonly number[]): readonly number[] {
    const fresh: number[] = [];
    let index = 0;
    while (index < seqs.length) {
      const seq = seqs[index] ?? 0;
      const below = readRun(this.#below.get(origin, seq));
      if (below !== undefined && below.last >= seq) {
        while (index < seqs.length && (seqs[index] ?? 0) <= below.last) index += 1;
        continue;
      }
      const above = readRun(this.#above.get(origin, seq));
      const end = endOfRun(seqs, index, above?.first);
      fresh.push(...seqs.slice(index, end));
      this.#join(origin, below, { first: seq, last: seqs[end - 1] ?? seq }, above);
      index = end;
    }
    return fresh;
  }

  /** The new run, as one with its neighbours where it touches them. */
  #join(origin: number, below: Run | undefined, run: Run, above: Run | undefined): void {
    const first = below?.last === run.first - 1 ? below.first : run.first;
    const joinsAbove = above?.first === run.last + 1;
    if (joinsAbove) this.#remove.run(origin, above.first);
    this.#write.run(origin, first, joinsAbove ? above.last : run.last);
  }
}

/** Index behind the last of consecutive numbers that begin at `from` and stay below `limit`. */
function endOfRun(seqs: readonly number[], from: number, limit = Number.POSITIVE_INFINITY): number {
  let end = from + 1;
  while (end < seqs.length && seqs[end] === (seqs[end - 1] ?? 0) + 1 && (seqs[end] ?? 0) < limit) end += 1;
  return end;
}

function readRun(row: ReturnType<SqliteStatement['get']>): Run | undefined {
  return row === undefined ? undefined : { first: Number(row['first']), last: Number(row['last']) };
}
