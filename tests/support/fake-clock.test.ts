import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.js';

test('timers run in order of their time, and of their making where the time is the same', async () => {
  const clock = new FakeClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push('late'));
  clock.after(10, () => ran.push('first of two'));
  clock.after(10, () => ran.push('second of two'));
  clock.after(21, () => ran.push('too late'));
  await clock.advance(20);
  assert.deepEqual(ran, ['first of two', 'second of two', 'late']);
  assert.equal(clock.waiting, 1);
  assert.equal(clock.nextDueInMs, 1);
});

test('promises settle between timers, and timers set meanwhile run within the same advance', async () => {
  const clock = new FakeClock(1000);
  const seen: number[] = [];
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  const work = (async () => {
    for (let round = 0; round < 5; round += 1) {
      await sleep(10);
      await Promise.resolve();
      seen.push(clock.now());
    }
  })();
  await clock.advance(35);
  assert.deepEqual(seen, [1010, 1020, 1030]);
  await clock.advance(15);
  await work;
  assert.deepEqual(seen, [1010, 1020, 1030, 1040, 1050]);
});

test('a cancelled timer does not run, even when another timer of the same time cancels it', async () => {
  const clock = new FakeClock();
  const ran: string[] = [];
  clock.after(5, () => {
    cancel();
  });
  const cancel = clock.after(5, () => ran.push('cancelled'));
  await clock.advance(5);
  assert.deepEqual(ran, []);
});

test('the wall clock can jump without moving timers', async () => {
  const clock = new FakeClock(0);
  let rang = false;
  clock.after(100, () => {
    rang = true;
  });
  clock.jumpWallClock(3_600_000);
  await clock.advance(99);
  assert.equal(rang, false);
  assert.equal(clock.now(), 3_600_099);
  assert.equal(clock.monotonicMs(), 99);
  await clock.advance(1);
  assert.equal(rang, true);
});

test('what a callback throws comes out of advance', async () => {
  const clock = new FakeClock();
  clock.after(1, () => {
    throw new Error('boom');
  });
  await assert.rejects(clock.advance(1), /boom/);
});
