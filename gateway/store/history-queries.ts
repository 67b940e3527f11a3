// What is asked of the local history: a range of samples, and points of a field. For the store's thread, for the
// reader's beside it, and for a shell that reads the file itself.
import type { Point, PointsQuery } from '../../shared/points.js';
import type { HistoryQuery } from '../../shared/ports.js';
import { preparePoints, runPoints, type PointsStatement } from './points-query.js';
import { readStoredRow, type StoredRow } from './sample-row.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

// CROSS JOIN keeps the order of the loops: the range is walked in the order of the key, which is that of time, and
// stops at the limit (https://sqlite.org/optoverview.html §6). Only samples of one moment are sorted.
const SAMPLES = `
  SELECT history.ts, origins.boot, history.seq, series.gateway, series.fields, history.readings, history.errors
  FROM history CROSS JOIN series ON series.id = history.series CROSS JOIN origins ON origins.id = series.origin
  WHERE history.device = (SELECT id FROM devices WHERE name = ?) AND history.ts >= ? AND history.ts < ?`;
const IDENTITY = `origins.boot || '/' || ? || '/' || history.seq`;
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
    const { device, fromTs, toTs, limit, after } = query;
    const { start, chosen } = chosenBy(query);
    const from = Math.max(fromTs, after?.ts ?? fromTs);
    if (after === undefined) {
      const rows = this.#prepared(`${start} ${NEWEST}`).all(...chosen, device, from, toTs, limit);
      return rows.map((row) => readStoredRow(row, device)).reverse();
    }
    const behind = [after.ts, device, after.identity, device, limit];
    const rows = this.#prepared(`${start} ${AFTER}`).all(...chosen, device, from, toTs, ...behind);
    return rows.map((row) => readStoredRow(row, device));
  }

  points(query: PointsQuery): readonly Point[] {
    this.#points ??= preparePoints(this.#database);
    return runPoints(this.#points, query);
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
