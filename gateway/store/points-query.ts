// Points of a field out of the local history, made by SQLite, inside the store's thread or for a reader of its own.
import { GatewayError } from '../../shared/errors.js';
import { MOST_READINGS, type Point, type PointsQuery } from '../../shared/points.js';
import { READINGS_OF_FIELD } from './history-schema.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

export interface PointsStatement {
  readonly statement: SqliteStatement;
  readonly mostReadings: number;
}

export function preparePoints(database: SqliteDatabase, mostReadings = MOST_READINGS): PointsStatement {
  const statement = database.prepare(
    `SELECT CAST((ts - ?) / CAST(? AS REAL) AS INTEGER) AS bucket, count(*) AS looked,
       count(number) AS n, min(number) AS low, avg(number) AS mean, max(number) AS high
     FROM (SELECT ts, CASE WHEN typeof(value) IN ('integer', 'real') THEN value END AS number
           FROM (${READINGS_OF_FIELD} LIMIT ${String(mostReadings + 1)}))
     GROUP BY bucket ORDER BY bucket`,
  );
  return { statement, mostReadings };
}

/** Throws GatewayError too_large where the range has more readings than are looked at. */
export function runPoints(
  { statement, mostReadings }: PointsStatement,
  { device, gateway, field, fromTs, toTs, bucketMs }: PointsQuery,
): readonly Point[] {
  const buckets = statement.all(fromTs, bucketMs, device, field, gateway ?? null, device, fromTs, toTs);
  // What is no number was looked at as well: counted, or a range with many of them would be cut short unsaid.
  if (buckets.reduce((sum, row) => sum + Number(row['looked']), 0) > mostReadings) {
    throw new GatewayError(
      'too_large',
      `The range has more than ${String(mostReadings)} readings of ${field}. Ask for a shorter one, or several.`,
    );
  }
  return buckets
    .filter((row) => Number(row['n']) > 0)
    .map((row) => ({
      bucket: Number(row['bucket']),
      count: Number(row['n']),
      min: Number(row['low']),
      avg: Number(row['mean']),
      max: Number(row['high']),
    }));
}
