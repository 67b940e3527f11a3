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

/**
 * A server's or an engine's mean is a sum first, which may be more than a double holds where the mean is not. So it is
 * asked for the mean of the readings by this as well: MOST_READINGS of the largest then add up.
 */
export const SCALED_DOWN = 2 ** -20;

/** Of both means the one that could be computed: multiplied by a power of two, a number keeps its digits. */
export function meanOf(mean: unknown, scaledDown: unknown): number {
  return typeof mean === 'number' && Number.isFinite(mean) ? mean : Number(scaledDown) / SCALED_DOWN;
}

/** More readings than this in one question keep a small machine too long. */
export const MOST_READINGS = 500_000;

/** Makes points of readings that come one by one, as the stores do. */
export class PointMaker {
  readonly #query: Pick<PointsQuery, 'fromTs' | 'toTs' | 'bucketMs'>;
  readonly #buckets = new Map<number, Point>();

  constructor(query: Pick<PointsQuery, 'fromTs' | 'toTs' | 'bucketMs'>) {
    this.#query = query;
  }

  /** What is no number, or lies outside, counts for nothing. */
  add(ts: number, value: unknown): void {
    const { fromTs, toTs, bucketMs } = this.#query;
    if (ts < fromTs || ts >= toTs || (typeof value !== 'number' && typeof value !== 'boolean')) return;
    const number = Number(value);
    const bucket = Math.floor((ts - fromTs) / bucketMs);
    const point = { bucket, count: 1, min: number, avg: number, max: number };
    const known = this.#buckets.get(bucket);
    this.#buckets.set(bucket, known === undefined ? point : joined(known, point));
  }

  /** In order of time. */
  points(): Point[] {
    return [...this.#buckets.values()].sort((a, b) => a.bucket - b.bucket);
  }
}

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
    // Not by the sum, which may be more than a double holds where the average is not.
    avg: a.avg * (a.count / count) + b.avg * (b.count / count),
    max: Math.max(a.max, b.max),
  };
}
