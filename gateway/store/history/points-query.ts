// Points of a field out of the local history, made by SQLite, inside the store's thread or for a reader of its own.
import { GatewayError } from '../../../shared/errors.js';
import { meanOf, MOST_READINGS, SCALED_DOWN, type Point, type PointsQuery } from '../../../shared/points.js';
import { READINGS_OF_FIELD } from './schema.js';
import type { SqlRow, SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

export interface PointsStatement {
  readonly statement: SqliteStatement;
  /** With the mean of what is scaled down as well: for readings whose sum is more than a double holds. */
  readonly ofLargest: () => SqliteStatement;
  readonly mostReadings: number;
}

export function preparePoints(
  database: SqliteDatabase,
  mostReadings = MOST_READINGS,
  readings = READINGS_OF_FIELD,
): PointsStatement {
  // What comes out is a double: a whole number of 2^53 or more comes out of node:sqlite as an error. Not each reading,
  // and no second mean: what is computed for a million rows is what the question costs.
  const points = (scaledDown: string): string => `
    SELECT CAST((ts - ?) / CAST(? AS REAL) AS INTEGER) AS bucket, count(*) AS looked, count(number) AS n,
      CAST(min(number) AS REAL) AS low, avg(number) AS mean, ${scaledDown} CAST(max(number) AS REAL) AS high
    FROM (SELECT ts, CASE WHEN typeof(value) IN ('integer', 'real') THEN value END AS number
          FROM (${readings} LIMIT ${String(mostReadings + 1)}))
    GROUP BY bucket ORDER BY bucket`;
  const withBothMeans = points(`avg(number * ${String(SCALED_DOWN)}) AS scaled_down,`);
  return {
    statement: database.prepare(points('')),
    ofLargest: () => database.prepare(withBothMeans),
    mostReadings,
  };
}

/** Throws GatewayError too_large where the range has more readings than are looked at. */
export function runPoints(
  { statement, ofLargest, mostReadings }: PointsStatement,
  { device, gateway, field, fromTs, toTs, bucketMs }: PointsQuery,
): readonly Point[] {
  const ask = (asked: SqliteStatement): readonly SqlRow[] =>
    asked.all(fromTs, bucketMs, device, field, gateway ?? null, device, fromTs, toTs);
  const first = ask(statement);
  // All rows anew: between two questions a writer may have changed any of them.
  const buckets = first.every(hasMean) ? first : ask(ofLargest());
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
      avg: meanOf(row['mean'], row['scaled_down']),
      max: Number(row['high']),
    }));
}

function hasMean({ n, mean }: SqlRow): boolean {
  return Number(n) === 0 || Number.isFinite(mean);
}
