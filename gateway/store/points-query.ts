// Points of a field out of the local history, made by SQLite, inside the store's thread or for a reader of its own.
import { GatewayError } from '../../shared/errors.js';
import { MOST_READINGS, type Point, type PointsQuery } from '../../shared/points.js';
import { READINGS_OF_FIELD } from './history-schema.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

export function preparePoints(database: SqliteDatabase): SqliteStatement {
  return database.prepare(
    `SELECT CAST((ts - ?) / CAST(? AS REAL) AS INTEGER) AS bucket,
       count(*) AS n, min(value) AS low, avg(value) AS mean, max(value) AS high
     FROM (${READINGS_OF_FIELD} LIMIT ${String(MOST_READINGS + 1)})
     WHERE typeof(value) IN ('integer', 'real') GROUP BY bucket ORDER BY bucket`,
  );
}

/** Throws GatewayError too_large where the range has more readings than are looked at. */
export function runPoints(
  statement: SqliteStatement,
  { device, field, fromTs, toTs, bucketMs }: PointsQuery,
): readonly Point[] {
  const points = statement.all(fromTs, bucketMs, device, field, device, fromTs, toTs).map((row) => ({
    bucket: Number(row['bucket']),
    count: Number(row['n']),
    min: Number(row['low']),
    avg: Number(row['mean']),
    max: Number(row['high']),
  }));
  if (points.reduce((sum, { count }) => sum + count, 0) > MOST_READINGS) {
    throw new GatewayError(
      'too_large',
      `The range has more than ${String(MOST_READINGS)} readings of ${field}. Ask for a shorter one, or several.`,
    );
  }
  return points;
}
