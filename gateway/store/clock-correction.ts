// Moves the samples of one run that were read before the clock was set, wherever they lie in the store's file. The mark
// changes with the time, in one transaction, so that nothing is moved twice. Inside the store's thread.
import type { ClockCorrection } from '../../shared/ports.js';
import { CORRECTED, markedBodyEnd, markedErrorsEnd, UNSYNCHRONISED } from './sample-row.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

/** A text that ends so, and the same text with the other mark. */
const OUTBOX = `UPDATE outbox SET ts = ts + ?, body = substr(body, 1, length(body) - ?) || ?
  WHERE boot = ? AND ts < ? AND substr(body, -?) = ?`;
// By device and from the run's beginning: a range of the table, however old the rest of it is.
const HISTORY = `UPDATE history SET ts = ts + ?, errors = substr(errors, 1, length(errors) - ?) || ?
  WHERE device IN (SELECT device FROM origins WHERE boot = ?) AND ts >= ? AND ts < ? AND substr(errors, -?) = ?
    AND series IN (SELECT series.id FROM series JOIN origins ON origins.id = series.origin WHERE origins.boot = ?)`;
// Never less than its newest sample, or its series would be cleaned up (history-schema.ts).
const SERIES = `UPDATE series SET last_ts = last_ts + ? WHERE origin IN (SELECT id FROM origins WHERE boot = ?)`;

/** Of a Date: no sample is later. */
const LAST_TS = 8.64e15;

export class ClockCorrections {
  readonly #outbox: SqliteStatement;
  readonly #history: SqliteStatement;
  readonly #series: SqliteStatement;

  constructor(database: SqliteDatabase) {
    this.#outbox = database.prepare(OUTBOX);
    this.#history = database.prepare(HISTORY);
    this.#series = database.prepare(SERIES);
  }

  /** How many samples were moved. */
  run({ boot, sinceTs, offsetMs, belowTs = LAST_TS }: ClockCorrection): number {
    const inBody = [markedBodyEnd(UNSYNCHRONISED), markedBodyEnd(CORRECTED)] as const;
    const waiting = this.#outbox.run(
      ...[offsetMs, inBody[0].length, inBody[1], boot, belowTs, inBody[0].length, inBody[0]],
    );
    const inErrors = [markedErrorsEnd(UNSYNCHRONISED), markedErrorsEnd(CORRECTED)] as const;
    const stored = this.#history.run(
      ...[
        offsetMs,
        inErrors[0].length,
        inErrors[1],
        boot,
        sinceTs,
        belowTs,
        inErrors[0].length,
        inErrors[0],
        boot,
      ],
    );
    if (offsetMs > 0 && stored > 0) this.#series.run(offsetMs, boot);
    return waiting + stored;
  }
}
