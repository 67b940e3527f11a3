// Timers at round times: who is due close together is woken together, and nobody early.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GridClock, gridMsFor } from '../../../bridge/time/grid.js';
import { Ticker } from '../../../bridge/time/ticker.js';
import { FakeClock } from '../../support/fake-clock.js';

interface World {
  readonly clock: FakeClock;
  readonly grid: GridClock;
  /** How often the process was woken. */
  readonly wakeUps: () => number;
}

function world(): World {
  const clock = new FakeClock();
  let wakeUps = 0;
  const counting = {
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs: number, callback: () => void) =>
      clock.after(delayMs, () => {
        wakeUps += 1;
        callback();
      }),
  };
  return { clock, grid: new GridClock(counting), wakeUps: () => wakeUps };
}

test('eight schedules of 100 ms wake the process four times in it, keep their interval and lose no tick', async () => {
  const { clock, grid, wakeUps } = world();
  const at = Array.from({ length: 8 }, (): number[] => []);
  const tickers = at.map(
    (times, index) =>
      new Ticker({
        ...{ clock, everyMs: 100, phaseMs: 12.5 * index },
        after: (delayMs, callback) => grid.after(delayMs, gridMsFor(100), callback),
        onTick: (skipped) => {
          assert.equal(skipped, 0);
          times.push(clock.monotonicMs());
        },
      }),
  );
  for (const ticker of tickers) ticker.start();
  await clock.advance(10_000);
  for (const ticker of tickers) ticker.stop();
  for (const [index, times] of at.entries()) {
    assert.ok(times.length >= 100);
    for (const [tick, ms] of times.entries())
      assert.equal(ms, Math.ceil((12.5 * index - 0.5) / 25) * 25 + tick * 100);
  }
  assert.ok(wakeUps() <= 401, String(wakeUps()));
  assert.equal(clock.waiting, 0);
});

test('a grid divides the interval, and is a quarter of it at most', () => {
  const asked = [10, 30, 100, 130, 250, 700, 1000, 60_000, 7];
  assert.deepEqual(asked.map(gridMsFor), [2, 5, 25, 10, 50, 100, 100, 100, 1]);
});

test('who is called off is not called, and takes nobody else along', async () => {
  const { clock, grid } = world();
  const called: string[] = [];
  const off = grid.after(90, 25, () => called.push('off'));
  grid.after(80, 25, () => called.push('on'));
  off();
  await clock.advance(200);
  assert.deepEqual(called, ['on']);
  const last = grid.after(10, 25, () => called.push('last'));
  last();
  last();
  assert.equal(clock.waiting, 0);
});
