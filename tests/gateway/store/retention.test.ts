import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepRetention, type RetentionTime } from '../../../gateway/store/retention-clock.js';
import { recorded } from '../../contracts/reading-store-contract.js';
import { FakeClock } from '../../support/fake-clock.js';
import { openStore } from './open-store.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const all = { device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 10_000 };

/** The wall clock of a FakeClock, set forward while the monotonic one goes on. */
class JumpingClock extends FakeClock {
  aheadMs = 0;
  override now(): number {
    return super.now() + this.aheadMs;
  }
}

test('a clock that is set forward deletes no history, not even after a restart', async (t) => {
  const clock = new JumpingClock();
  const { store, dataDir } = await openStore(t, { clock, retention: { keepMs: 30 * DAY } });
  const now = clock.now();
  await store.history.deliver([recorded(0, { ts: now - 31 * DAY }), recorded(1, { ts: now - 29 * DAY })]);
  await store.history.deliver([recorded(3, { ts: now })]);
  assert.equal(await store.history.prune(), 1);
  clock.aheadMs = 5000 * DAY;
  await store.history.deliver([recorded(2, { ts: clock.now() })]);
  assert.equal(await store.history.prune(), 0);
  await store.stop();
  const again = await openStore(t, { clock, dataDir, retention: { keepMs: 30 * DAY } });
  assert.equal(await again.store.history.prune(), 0);
  assert.equal((await again.store.history.query(all)).length, 3);
});

test('while the clock is not believed, what grows old by the monotonic clock still goes', async (t) => {
  const clock = new JumpingClock();
  const { store } = await openStore(t, { clock, retention: { keepMs: 10 * HOUR } });
  await store.history.deliver([
    recorded(0, { ts: clock.now() }),
    recorded(1, { ts: clock.now() + 4 * HOUR }),
  ]);
  assert.equal(await store.history.prune(), 0);
  clock.aheadMs = 100 * DAY;
  assert.equal(await store.history.prune(), 0);
  await clock.advance(11 * HOUR);
  assert.equal(await store.history.prune(), 1);
});

test('a clock that stays ahead is believed after a week, one that goes back at once', () => {
  let time: RetentionTime = { trustedTs: 1000 * DAY };
  for (let hour = 0; hour <= 7 * 24; hour += 1) {
    time = stepRetention(time, 1100 * DAY + hour * HOUR, HOUR);
    if (hour < 7 * 24) assert.equal(time.trustedTs, 1000 * DAY + (hour + 1) * HOUR);
  }
  assert.deepEqual(time, { trustedTs: 1107 * DAY });
  assert.deepEqual(
    stepRetention({ trustedTs: 1000 * DAY, aheadSinceTs: 1100 * DAY }, 1000 * DAY + HOUR, HOUR),
    {
      trustedTs: 1000 * DAY + HOUR,
    },
  );
  assert.deepEqual(stepRetention(time, 900 * DAY, HOUR), { trustedTs: 900 * DAY });
});
