import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trend, TREND_MS } from '../../../../../gateway/web/page/live/trend.js';

const NOW = 1_795_386_090_000;

test('a small line has what was recorded before and what came since, and a gap where nothing did', () => {
  const trend = new Trend();
  trend.add(NOW, 4);
  trend.add(NOW + 10_000, 6);
  trend.add(NOW + 11_000, 8);
  trend.fill([
    [NOW - 300_000, 1],
    [NOW - 290_000, 2],
    [NOW + 10_000, 100],
  ]);
  const line = trend.line(NOW + 11_000);
  assert.deepEqual([line?.low, line?.high, line?.lines.length], [1, 7, 2]);
});

test('it stays as long as it is, however much comes', () => {
  const trend = new Trend();
  for (let step = 0; step < 5000; step += 1) trend.add(NOW + step * 1000, step);
  const line = trend.line(NOW + 5_000_000);
  assert.equal(line?.lines.length, 1);
  assert.ok((line.lines[0]?.split(' ').length ?? Infinity) <= TREND_MS / 10_000);
  assert.equal(trend.line(NOW + 50_000_000), undefined, 'what is old is no line');
});

test('a clock that was set back goes on from there, and an old message alone changes nothing', () => {
  const HOUR_MS = 3_600_000;
  const trend = new Trend();
  for (const seconds of [0, 10, 20]) trend.add(NOW + seconds * 1000, 1);
  trend.add(NOW - HOUR_MS, 50);
  trend.add(NOW - HOUR_MS, 50);
  trend.add(NOW + 30_000, 1);
  assert.equal(trend.line(NOW + 30_000)?.high, 1);
  for (const seconds of [0, 10, 20]) trend.add(NOW - HOUR_MS + seconds * 1000, seconds);
  const line = trend.line(NOW - HOUR_MS + 20_000);
  assert.deepEqual([line?.low, line?.high, line?.lines.length], [10, 20, 1]);
});
