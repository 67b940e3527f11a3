import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadPhaseMs, Ticker } from '../../../bridge/time/ticker.js';
import { FakeClock } from '../../support/fake-clock.js';

test('a day of ticks has no drift and loses none', async () => {
  const clock = new FakeClock();
  const at: number[] = [];
  const ticker = new Ticker({
    clock,
    everyMs: 10_000,
    phaseMs: 37,
    onTick: () => at.push(clock.monotonicMs()),
  });
  ticker.start();
  await clock.advance(86_400_000);
  ticker.stop();
  assert.equal(at.length, 8640);
  assert.equal(at.at(-1), 37 + 8639 * 10_000);
  assert.equal(clock.waiting, 0);
});

test('ticks that came due while the process was busy are told, not made up for', async () => {
  const clock = new FakeClock();
  let asleepMs = 0;
  // A clock whose timers are late.
  const sleepy = {
    now: () => clock.now() + asleepMs,
    monotonicMs: () => clock.monotonicMs() + asleepMs,
    awakeMs: () => clock.awakeMs() + asleepMs,
    onStandstill: (listener: (ms: number) => void) => clock.onStandstill(listener),
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
  };
  const skipped: number[] = [];
  const ticker = new Ticker({
    clock: sleepy,
    everyMs: 1000,
    phaseMs: 0,
    onTick: (count) => skipped.push(count),
  });
  ticker.start();
  await clock.advance(1500);
  asleepMs = 3200;
  await clock.advance(2000);
  ticker.stop();
  assert.deepEqual(skipped, [0, 0, 3, 0]);
});

test('ticks that came due while the process stood still are not counted as skipped', async () => {
  const clock = new FakeClock();
  const skipped: number[] = [];
  const ticker = new Ticker({ clock, everyMs: 1000, phaseMs: 0, onTick: (count) => skipped.push(count) });
  ticker.start();
  await clock.advance(1500);
  await clock.standStill(720_300);
  await clock.advance(1300);
  ticker.stop();
  assert.deepEqual(skipped, [0, 0, 0, 0, 0]);
  assert.equal(clock.monotonicMs() - clock.awakeMs(), 720_300);
});

test('schedules of one interval are spread over it', () => {
  const phases = Array.from({ length: 20 }, (_, index) => spreadPhaseMs(index, 1000)).toSorted(
    (a, b) => a - b,
  );
  const gaps = phases.slice(1).map((phase, index) => phase - (phases[index] ?? 0));
  assert.ok(Math.min(...gaps) >= 20, `closest two: ${String(Math.min(...gaps))} ms`);
});
