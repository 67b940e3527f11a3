// Points of a field are the same from every store: what a plain computation over the same random data gives.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { History } from '../../bridge/history/history.js';
import type { Point, PointsQuery } from '../../shared/points.js';
import type { ReadingStore } from '../../shared/stores.js';
import type { RecordedSample, Value } from '../../shared/sample.js';

const FIELDS = ['level', 'a.b', '$x', 'é "quoted"'] as const;
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.boolean(),
  fc.constantFrom<Value>(null, 'on', ''),
);
const sample = fc.record({
  ts: fc.integer({ min: 0, max: 5000 }),
  device: fc.constantFrom('tank-1', 'tank-2'),
  values: fc.dictionary(fc.constantFrom(...FIELDS), value, { noNullPrototype: true }),
});
const query = fc.record({
  device: fc.constantFrom('tank-1', 'tank-2', 'tank-9'),
  field: fc.constantFrom<string>(...FIELDS),
  fromTs: fc.integer({ min: 0, max: 4000 }),
  spanMs: fc.integer({ min: 1, max: 5000 }),
  bucketMs: fc.integer({ min: 1, max: 2000 }),
});

export function pointsContract(name: string, make: (t: TestContext) => Promise<ReadingStore>): void {
  test(`${name}: the mean of the largest numbers is one of them, also of both signs`, async (t) => {
    const store = await make(t);
    const history = new History({ query: () => Promise.resolve([]) }, store, { now: () => 0 });
    const largest = Number.MAX_VALUE;
    for (const [device, levels, mean] of [
      ['big', [1e308, 1e308], 1e308],
      ['largest', [largest, largest, largest], largest],
      ['signs', [1e308, 1e308, -1e308, -1e308], 0],
      ['small', [1e-310, 1e-310], 1e-310],
    ] as const) {
      await store.deliver(
        levels.map((level, seq) => ({
          ...{ ts: 1000 + seq, boot: 'b', seq, gateway: 'greenhouse', device, values: { level } },
        })),
      );
      const asked = { device, fields: ['level'], points: 1, from: 1000, to: 2000 };
      const { series } = await history.points(asked);
      const [ts, count, min, avg = Number.NaN, max] = series['level']?.[0] ?? [];
      assert.deepEqual(
        [ts, count, min, max],
        [1000, levels.length, Math.min(...levels), Math.max(...levels)],
      );
      // Sums in another order differ in their last digits.
      assert.ok(
        Math.abs(avg / 2 - mean / 2) <= 1e-12 * Math.abs(mean),
        `${String(avg)} is not ${String(mean)}`,
      );
    }
  });

  test(`${name}: points are what a plain computation over the same random samples gives`, async (t) => {
    const store = await make(t);
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(sample, { maxLength: 60 }),
      fc.array(query, { minLength: 1, maxLength: 5 }),
      async (drawn, queries) => {
        // One store for all runs: each in a stretch of time of its own.
        const base = 1e12 + run * 100_000;
        run += 1;
        const samples = drawn.map(({ ts, ...rest }, seq): RecordedSample => ({
          ...{ ...rest, ts: base + ts, boot: `run-${String(run)}`, seq, gateway: 'greenhouse' },
        }));
        await store.deliver(samples);
        for (const { spanMs, fromTs, ...rest } of queries) {
          const asked = { ...rest, fromTs: base + fromTs, toTs: base + fromTs + spanMs };
          sameValues(await store.points(asked), plainly(samples, asked));
        }
      },
    );
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
}

function plainly(samples: readonly RecordedSample[], asked: PointsQuery): Point[] {
  const points: Point[] = [];
  for (let start = asked.fromTs; start < asked.toTs; start += asked.bucketMs) {
    const end = Math.min(start + asked.bucketMs, asked.toTs);
    const numbers = samples
      .filter(({ device, ts }) => device === asked.device && ts >= start && ts < end)
      .map(({ values }) => values[asked.field])
      .filter((found) => typeof found === 'number' || typeof found === 'boolean')
      .map(Number);
    if (numbers.length === 0) continue;
    const avg = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    const bucket = (start - asked.fromTs) / asked.bucketMs;
    points.push({ bucket, count: numbers.length, min: Math.min(...numbers), avg, max: Math.max(...numbers) });
  }
  return points;
}

/** Sums of the same numbers in another order differ in their last digits. */
function sameValues(actual: readonly Point[], expected: readonly Point[]): void {
  const exact = (point: Point): object => ({ ...point, avg: 0, min: point.min + 0, max: point.max + 0 });
  assert.deepEqual(actual.map(exact), expected.map(exact));
  for (const [index, { avg }] of expected.entries()) {
    const difference = Math.abs((actual[index]?.avg ?? Number.NaN) - avg);
    assert.ok(difference <= 1e-6, `${String(actual[index]?.avg)} is not ${String(avg)}`);
  }
}
