// What is asked of the local history: a range of samples, and points of a field. For the store's thread, for the
// reader's beside it, and for a shell that reads the file itself.
import type { Point, PointsQuery } from '../../../shared/points.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import { preparePoints, runPoints, type PointsStatement } from './points-query.js';
import { READINGS_OF_SOUND } from './schema.js';
import { onlyFieldsOfStored, readStoredRow, type SampleRow, type StoredRow } from '../rows/sample.js';
import type { SqliteDatabase, SqliteStatement, SqlRow } from '../sqlite/engine.js';
import { ANSWER_CHARS, isMalformedJson, takeWithin } from '../sqlite/within.js';

// CROSS JOIN keeps the order of the loops: the range is walked in the order of the key, which is that of time, and
// stops at the limit (https://sqlite.org/optoverview.html §6). Only samples of one moment are sorted.
const SAMPLES = `
  SELECT history.ts, origins.boot, history.seq, series.gateway, series.fields, history.readings, history.errors,
    series.clock, series.run
  FROM history CROSS JOIN series ON series.id = history.series CROSS JOIN origins ON origins.id = series.origin
  WHERE history.device = (SELECT id FROM devices WHERE name = ?) AND history.ts >= ? AND history.ts < ?`;
// As `keyOf` makes it.
const IDENTITY = `origins.boot || '/' || ? || '/' || history.seq || '+' || series.gateway`;
// Asked once: where no series has such a field, or is that gateway's, nothing is walked at all.
const OF_GATEWAY = 'AND series.gateway = ?';
const WITH_FIELDS = `AND EXISTS (
  SELECT 1 FROM json_each(series.fields) AS field WHERE field.value IN (SELECT value FROM json_each(?)))`;
const chosenAre = (conditions: string): string => `
  WITH chosen (series) AS MATERIALIZED (
    SELECT series.id
    FROM devices JOIN origins ON origins.device = devices.id JOIN series ON series.origin = origins.id
    WHERE devices.name = ? ${conditions}
  )
  ${SAMPLES} AND EXISTS (SELECT 1 FROM chosen) AND history.series IN (SELECT series FROM chosen)`;
const NEWEST = 'ORDER BY history.ts DESC, history.series DESC, history.seq DESC LIMIT ?';
const AFTER = `AND (history.ts > ? OR ${IDENTITY} > ?) ORDER BY history.ts, ${IDENTITY} LIMIT ?`;

// An origin is of one gateway, and so are all its series; a file of version 2 that is only read has no column for it.
const KNOWN = `
  SELECT asked.key AS "index"
  FROM json_each(?) AS asked CROSS JOIN devices ON devices.name = ?
    CROSS JOIN origins ON origins.device = devices.id AND origins.boot = json_extract(asked.value, '$[0]')
  WHERE EXISTS (
    SELECT 1 FROM series WHERE series.origin = origins.id AND series.gateway = json_extract(asked.value, '$[2]'))
  AND EXISTS (
    SELECT 1 FROM stored WHERE stored.origin = origins.id
      AND first <= json_extract(asked.value, '$[1]') AND last >= json_extract(asked.value, '$[1]'))`;

export class HistoryQueries {
  readonly #database: SqliteDatabase;
  /** Prepared when first asked for. */
  readonly #statements = new Map<string, SqliteStatement>();
  #points: PointsStatement | undefined;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Oldest first: of more than `limit` the newest, or with `after` the oldest behind it. */
  samples(query: HistoryQuery): readonly StoredRow[] {
    const { device, fromTs, toTs, limit, after, fields, maxChars = ANSWER_CHARS } = query;
    const read = (found: SqlRow): { value: StoredRow; chars: number } | undefined => {
      const row = readStoredRow(found, device);
      const value = fields === undefined ? row : onlyFieldsOfStored(row, fields);
      if (value === undefined) return undefined;
      return { value, chars: value.fields.length + value.readings.length + (value.errors?.length ?? 0) };
    };
    const { start, chosen } = chosenBy(query);
    const from = Math.max(fromTs, after?.ts ?? fromTs);
    if (after === undefined) {
      const found = this.#prepared(`${start} ${NEWEST}`).iterate(...chosen, device, from, toTs, limit);
      return [...takeWithin(found, maxChars, read).rows].reverse();
    }
    const behind = [after.ts, device, after.identity, device, limit];
    const found = this.#prepared(`${start} ${AFTER}`).iterate(...chosen, device, from, toTs, ...behind);
    return takeWithin(found, maxChars, read).rows;
  }

  /** Indexes of those that are here, or were once. */
  known(
    device: string,
    samples: readonly Pick<SampleRow, 'boot' | 'seq' | 'gateway'>[],
  ): ReadonlySet<number> {
    const asked = JSON.stringify(samples.map(({ boot, seq, gateway }) => [boot, seq, gateway]));
    return new Set(
      this.#prepared(KNOWN)
        .all(asked, device)
        .map(({ index }) => Number(index)),
    );
  }

  points(query: PointsQuery): readonly Point[] {
    this.#points ??= preparePoints(this.#database);
    try {
      return runPoints(this.#points, query);
    } catch (thrown) {
      if (!isMalformedJson(thrown)) throw thrown;
      // From now on: looking at each row for damage costs a third.
      this.#points = preparePoints(this.#database, this.#points.mostReadings, READINGS_OF_SOUND);
      return runPoints(this.#points, query);
    }
  }

  #prepared(sql: string): SqliteStatement {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Which samples, whatever their time: the beginning of the statement, and its parameters. */
function chosenBy({ device, gateway, fields }: HistoryQuery): { start: string; chosen: readonly string[] } {
  if (gateway === undefined && fields === undefined) return { start: SAMPLES, chosen: [] };
  const conditions = [gateway === undefined ? '' : OF_GATEWAY, fields === undefined ? '' : WITH_FIELDS];
  const named = gateway === undefined ? [] : [gateway];
  const having = fields === undefined ? [] : [JSON.stringify(fields)];
  return { start: chosenAre(conditions.join(' ')), chosen: [device, ...named, ...having] };
}
