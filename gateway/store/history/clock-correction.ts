// Moves the samples whose times one run of a clock gave before it was set, wherever they lie in the store's file. The mark
// changes with the time, in one transaction, so that nothing is moved twice. Inside the store's thread.
import type { ClockCorrection } from '../../../shared/stores.js';
import type { SqliteStatement } from '../sqlite/engine.js';
import type { StoreFile } from '../sqlite/opened-file.js';

const OF_RUN = `run = ? AND clock = 'unsynchronised'`;
const MOVE = `SET ts = ts + ?, clock = 'corrected' WHERE ${OF_RUN}`;
// What this process appended lies behind what it found: however much that is, it is not looked through.
const OUTBOX = `UPDATE outbox ${MOVE} AND position > ?`;
const DEAD_LETTERS = `UPDATE dead_letters ${MOVE}`;
// By device and time: a range of the table, however much there is before and behind it.
const HISTORY = `UPDATE history SET ts = ts + ?
  WHERE device IN (
      SELECT origins.device FROM series JOIN origins ON origins.id = series.origin WHERE ${OF_RUN})
    AND ts >= ? AND ts <= ? AND series IN (SELECT id FROM series WHERE ${OF_RUN})`;
// `last_ts`: never less than its newest sample, or it would be cleaned up (schema.ts).
const SERIES = `UPDATE series SET clock = 'corrected', last_ts = last_ts + ? WHERE ${OF_RUN}`;

export class ClockCorrections {
  readonly #foundUpTo: number;
  readonly #outbox: SqliteStatement;
  readonly #deadLetters: SqliteStatement;
  readonly #history: SqliteStatement;
  readonly #series: SqliteStatement;

  constructor({ database }: StoreFile) {
    // No position is ever given again: what is not there any more counts as well.
    const given = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`).get();
    this.#foundUpTo = Number(given?.['seq'] ?? 0);
    this.#outbox = database.prepare(OUTBOX);
    this.#deadLetters = database.prepare(DEAD_LETTERS);
    this.#history = database.prepare(HISTORY);
    this.#series = database.prepare(SERIES);
  }

  /** How many samples were moved. */
  run({ run, offsetMs, firstTs, lastTs }: ClockCorrection): number {
    const waiting = this.#outbox.run(offsetMs, run, this.#foundUpTo);
    const refused = this.#deadLetters.run(offsetMs, run);
    const stored = this.#history.run(offsetMs, run, firstTs, lastTs, run);
    this.#series.run(Math.max(0, offsetMs), run);
    return waiting + refused + stored;
  }
}
