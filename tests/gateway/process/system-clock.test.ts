import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock } from '../../../gateway/process/system-clock.js';

const THIRTY_DAYS_MS = 30 * 86_400_000;

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

test('a delay longer than setTimeout can count does not ring at once', async () => {
  const clock = new SystemClock();
  const rang: string[] = [];
  const cancel = clock.after(THIRTY_DAYS_MS, () => rang.push('thirty days'));
  // A bare setTimeout would call back after 1 ms, before this one.
  await new Promise<void>((resolve) => {
    clock.after(10, resolve);
  });
  cancel();
  assert.deepEqual(rang, []);
});

test('a delay longer than setTimeout can count is waited in full', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let rang = 0;
  new SystemClock().after(THIRTY_DAYS_MS, () => {
    rang += 1;
  });
  t.mock.timers.tick(LONGEST_TIMEOUT_MS);
  assert.equal(rang, 0);
  t.mock.timers.tick(THIRTY_DAYS_MS - LONGEST_TIMEOUT_MS - 1);
  assert.equal(rang, 0);
  t.mock.timers.tick(1);
  assert.equal(rang, 1);
});

test('a long delay can be cancelled in its second part', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let rang = 0;
  const cancel = new SystemClock().after(THIRTY_DAYS_MS, () => {
    rang += 1;
  });
  t.mock.timers.tick(LONGEST_TIMEOUT_MS);
  cancel();
  t.mock.timers.tick(THIRTY_DAYS_MS);
  assert.equal(rang, 0);
});

test('a real timer calls back once its time has passed on the monotonic clock', async () => {
  const clock = new SystemClock();
  const startedMs = clock.monotonicMs();
  await new Promise<void>((resolve) => {
    clock.after(20, resolve);
  });
  // setTimeout counts whole milliseconds of the loop's own time, so it may come up to 1 ms early.
  assert.ok(clock.monotonicMs() - startedMs >= 19);
});

test('what came due while the process stood still rings after that was told, and measures leave that time out', async () => {
  const clock = new SystemClock();
  const order: string[] = [];
  const [fromMs, fromAwakeMs] = [clock.monotonicMs(), clock.awakeMs()];
  clock.onStandstill((ms) => order.push(ms > 5000 ? 'told' : 'told wrong'));
  const rung = new Promise<void>((resolve) => {
    clock.after(100, () => {
      order.push('due');
      resolve();
    });
  });
  const standstillMs = 7000;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standstillMs);
  await rung;
  assert.deepEqual(order, ['told', 'due']);
  const lostMs = clock.monotonicMs() - fromMs - (clock.awakeMs() - fromAwakeMs);
  assert.ok(lostMs > standstillMs - 2000 && lostMs <= clock.monotonicMs() - fromMs, String(lostMs));
});
