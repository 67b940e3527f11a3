// A field's history made small: one point for each stretch of time, whatever the store.

export interface PointsQuery {
  readonly device: string;
  /** Readings that this gateway took; without it those of every one. */
  readonly gateway?: string;
  readonly field: string;
  /** Epoch ms, inclusive. */
  readonly fromTs: number;
  /** Epoch ms, exclusive. */
  readonly toTs: number;
  /** The first begins at `fromTs`. Whole milliseconds. */
  readonly bucketMs: number;
}

/** Of the readings of one bucket that are numbers; a boolean counts as 1 or 0. Buckets without any are left out. */
export interface Point {
  /** Of the bucket: its first begins at 0. */
  readonly bucket: number;
  readonly count: number;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

/** More readings than this in one question keep a small machine too long. */
export const MOST_READINGS = 500_000;

/** Two lists of points over the same buckets as one, in order. */
export function mergePoints(some: readonly Point[], others: readonly Point[]): Point[] {
  const byBucket = new Map(some.map((point) => [point.bucket, point]));
  for (const point of others) {
    const known = byBucket.get(point.bucket);
    byBucket.set(point.bucket, known === undefined ? point : joined(known, point));
  }
  return [...byBucket.values()].sort((a, b) => a.bucket - b.bucket);
}

function joined(a: Point, b: Point): Point {
  const count = a.count + b.count;
  return {
    bucket: a.bucket,
    count,
    min: Math.min(a.min, b.min),
    avg: (a.avg * a.count + b.avg * b.count) / count,
    max: Math.max(a.max, b.max),
  };
}
