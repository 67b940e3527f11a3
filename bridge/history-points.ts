// Fields over time, made small: min, average and max of each stretch, from the store and from what waits for it.
import { mergePoints, type Point, type PointsQuery } from '../shared/points.js';
import type { Outbox, ReadingStore } from '../shared/ports.js';
import { identityOf, type RecordedSample } from '../shared/sample.js';

/** `[ts, count, min, avg, max]`, `ts` the first moment of its stretch. */
export type PointRow = readonly [number, number, number, number, number];

/** Samples in the outbox that are looked at, the newest. */
export const MOST_WAITING = 20_000;
/** While samples move from outbox to store they could be counted twice, or not at all: then it is asked again. */
const ATTEMPTS = 3;

export interface MadePoints {
  readonly rows: readonly PointRow[];
  /** Samples of the outbox that are counted in. */
  readonly waiting: number;
  /** With MongoDB away for days more wait than are looked at: those from before this moment are left out. */
  readonly leftOutBefore?: number;
}

export async function pointsOf(
  outbox: Pick<Outbox, 'query'>,
  store: Pick<ReadingStore, 'points'>,
  query: PointsQuery,
): Promise<MadePoints> {
  const { field, fromTs, bucketMs, ...range } = query;
  const ask = (): Promise<readonly RecordedSample[]> =>
    outbox.query({ ...range, fromTs, limit: MOST_WAITING + 1, fields: [field] });
  let waiting = await ask();
  let points: readonly Point[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    points = await store.points(query);
    const still = await ask();
    // What came meanwhile is new; what went meanwhile may be in both.
    const unchanged = waiting.every(({ seq }, index) => still[index]?.seq === seq);
    if (unchanged || attempt === ATTEMPTS) break;
    waiting = still;
  }
  const looked = waiting.slice(-MOST_WAITING);
  const rows = mergePoints(points, plainPoints(looked, query)).map(
    ({ bucket, count, min, avg, max }): PointRow => [fromTs + bucket * bucketMs, count, min, avg, max],
  );
  const [oldest] = looked;
  const leftOut = waiting.length > looked.length && oldest !== undefined;
  return { rows, waiting: looked.length, ...(leftOut ? { leftOutBefore: oldest.ts } : {}) };
}

/** The same as the stores make, computed plainly. */
export function plainPoints(samples: readonly RecordedSample[], query: PointsQuery): Point[] {
  const { field, fromTs, toTs, bucketMs } = query;
  const once = new Map(samples.map((sample) => [identityOf(sample), sample]));
  const buckets = new Map<number, number[]>();
  for (const { ts, values } of once.values()) {
    const value = Object.hasOwn(values, field) ? values[field] : undefined;
    if (ts < fromTs || ts >= toTs || (typeof value !== 'number' && typeof value !== 'boolean')) continue;
    const bucket = Math.floor((ts - fromTs) / bucketMs);
    const known = buckets.get(bucket) ?? [];
    known.push(Number(value));
    buckets.set(bucket, known);
  }
  return [...buckets]
    .map(([bucket, numbers]) => pointOf(bucket, numbers))
    .sort((a, b) => a.bucket - b.bucket);
}

function pointOf(bucket: number, numbers: readonly number[]): Point {
  const sum = numbers.reduce((total, number) => total + number, 0);
  const min = numbers.reduce((least, number) => Math.min(least, number));
  const max = numbers.reduce((most, number) => Math.max(most, number));
  return { bucket, count: numbers.length, min, avg: sum / numbers.length, max };
}
