// Fields over time, made small: min, average and max of each stretch, from the store and from what waits for it.
import { mergePoints, PointMaker, type Point, type PointsQuery } from '../../shared/points.js';
import type { Outbox, ReadingStore } from '../../shared/stores.js';
import { keyOf, type RecordedSample } from '../../shared/sample.js';

/** `[ts, count, min, avg, max]`, `ts` the first moment of its stretch. */
export type PointRow = readonly [number, number, number, number, number];

/** Samples in the outbox that are looked at, the newest. */
export const MOST_WAITING = 20_000;
/** With one field each; a text of 1,024 characters is no reading, but may wait by the thousand. */
const MOST_WAITING_CHARS = 40_000_000;
/** While samples move from outbox to store they could be counted twice, or not at all: then it is asked again. */
const ATTEMPTS = 3;

export interface MadePoints {
  readonly rows: readonly PointRow[];
  /** Samples of the outbox that are counted in. */
  readonly waiting: number;
  /** With MongoDB away for days more wait than are looked at: those from before this moment are left out. */
  readonly leftOutBefore?: number;
}

/** The mean of means has binary noise behind these: 12, not 12.000000000000004. */
const MEAN_DIGITS = 15;

export async function pointsOf(
  outbox: Pick<Outbox, 'query'>,
  store: Pick<ReadingStore, 'points' | 'known'>,
  query: PointsQuery,
): Promise<MadePoints> {
  const { field, fromTs, bucketMs, ...range } = query;
  const ask = (): Promise<readonly RecordedSample[]> =>
    outbox.query({
      ...range,
      fromTs,
      limit: MOST_WAITING + 1,
      fields: [field],
      maxChars: MOST_WAITING_CHARS,
    });
  // A sample that was sent again, or whose delivery was not confirmed, waits although the store has it.
  const fresh = async (): Promise<readonly RecordedSample[]> => {
    const asked = await ask();
    const known = (await store.known?.(query.device, asked)) ?? new Set();
    return asked.filter((_, index) => !known.has(index));
  };
  let waiting = await fresh();
  let points: readonly Point[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    points = await store.points(query);
    const still = await fresh();
    // What came meanwhile is new; what went meanwhile may be in both.
    const unchanged = waiting.every((sample, index) => {
      const now = still[index];
      return now !== undefined && keyOf(now) === keyOf(sample);
    });
    if (unchanged || attempt === ATTEMPTS) break;
    waiting = still;
  }
  const looked = waiting.slice(-MOST_WAITING);
  const rows = mergePoints(points, plainPoints(looked, query)).map(
    ({ bucket, count, min, avg, max }): PointRow => [
      fromTs + bucket * bucketMs,
      count,
      min,
      withoutNoise(avg),
      max,
    ],
  );
  const [oldest] = looked;
  const leftOut = waiting.length > looked.length && oldest !== undefined;
  return { rows, waiting: looked.length, ...(leftOut ? { leftOutBefore: oldest.ts } : {}) };
}

/** Of the largest doubles, rounding makes infinity. */
function withoutNoise(mean: number): number {
  const rounded = Number(mean.toPrecision(MEAN_DIGITS));
  return Number.isFinite(rounded) ? rounded : mean;
}

/** The same as the stores make, computed plainly. */
export function plainPoints(samples: readonly RecordedSample[], query: PointsQuery): Point[] {
  const { field } = query;
  const maker = new PointMaker(query);
  const once = new Map(samples.map((sample) => [keyOf(sample), sample]));
  for (const { ts, values } of once.values())
    maker.add(ts, Object.hasOwn(values, field) ? values[field] : undefined);
  return maker.points();
}
