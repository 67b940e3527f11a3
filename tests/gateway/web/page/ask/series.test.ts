// What the recorder answers becomes what a chart draws: gaps stay gaps, and what was not believed is marked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aloneIn,
  extentOf,
  seriesOfPoints,
  seriesOfSamples,
  withReading,
} from '../../../../../gateway/web/page/ask/series.js';

const sample = (ts: number, level: number | null | boolean, code?: string) => ({
  ...{ gateway: 'g', device: 'd', boot: 'b', seq: ts, ts, values: { level } },
  ...(code === undefined ? {} : { errors: { level: code } }),
});

test('a stretch without samples is a gap, a disbelieved reading one with a mark', () => {
  const samples = [sample(0, 1), sample(1000, null, 'checksum'), sample(2000, 3), sample(9000, true)];
  const series = seriesOfSamples({ samples }, 'level', 1000);
  assert.deepEqual(series.ts, [0, 1000, 2000, 2001, 9000]);
  assert.deepEqual(series.mean, [1, null, 3, null, 1]);
  assert.deepEqual(series.disbelieved, [[1000, 'checksum']]);
  assert.deepEqual(extentOf(series), [1, 3]);
  assert.deepEqual(seriesOfSamples({ samples }, 'other', 1000).ts, []);
});

test('points keep their lowest and highest, and a missing stretch is a gap', () => {
  const level = [
    [0, 4, 1, 2, 3],
    [100, 4, 2, 3, 9],
    [500, 1, 5, 5, 5],
  ] as const;
  const series = seriesOfPoints({ series: { level }, bucketMs: 100 }, 'level', 10);
  assert.deepEqual(series.ts, [0, 100, 200, 500]);
  assert.deepEqual(series.mean, [2, 3, null, 5]);
  assert.deepEqual(series.band?.high, [3, 9, null, 5]);
  assert.deepEqual(extentOf(series), [1, 9]);
  const slow = seriesOfPoints({ series: { level }, bucketMs: 100 }, 'level', 200);
  assert.deepEqual(slow.ts, [0, 100, 500], 'what is seldom recorded has no gap behind every reading');
});

test('a newer reading is put behind, an older one is not, and what has left the chart goes', () => {
  const series = seriesOfSamples({ samples: [sample(0, 1), sample(1000, 2, 'stale')] }, 'level', 1000);
  assert.equal(withReading(series, 1000, 5, { fromTs: 0, gapMs: 3000 }), series);
  const next = withReading(series, 2000, 5, { fromTs: 1500, gapMs: 3000 });
  assert.deepEqual([next.ts, next.mean, next.disbelieved], [[2000], [5], []]);
  const later = withReading(series, 9000, 5, { fromTs: 0, gapMs: 3000 });
  assert.deepEqual(
    [later.ts, later.mean],
    [
      [0, 1000, 1001, 9000],
      [1, 2, null, 5],
    ],
  );
});

test('a reading between two gaps is found, because no line leads to it', () => {
  assert.deepEqual(aloneIn([1, null, 2, 3, null, 4, null, null, 5]), [0, 5, 8]);
});
