// Retention of a real store: on its own rhythm, over jumps of the clock and starts, short of disk, and for the logbook.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogbookEntry } from '../../../../shared/logbook.js';
import { chooseReadingStore, mongoPlace } from '../../../../gateway/store/choose-reading.js';
import { recorded } from '../../../contracts/reading-store-contract.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { untilAsync } from '../../../support/waiting.js';
import { openStore, rejectedAs, sampleOf } from '../open-store.js';
import { countRows, writeMeta } from './write-meta.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const all = { device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 10_000 };
const retention = { keepMs: 30 * DAY };

function event(ts: number, name = 'device.offline'): LogbookEntry {
  return { kind: 'event', ts, gateway: 'greenhouse', name };
}

/** Time goes on: a round that was under way when it stood still was told an earlier time. */
async function passing(clock: FakeClock, what: string, probe: () => Promise<boolean>): Promise<void> {
  await untilAsync(what, async () => {
    await clock.advance(MINUTE);
    return probe();
  });
}

test('a clock that is set forward deletes no history, not even after a restart, nor when it stays so', async (t) => {
  const clock = new FakeClock();
  const { store, dataDir } = await openStore(t, { clock, retention });
  const now = clock.now();
  await store.history.deliver([recorded(0, { ts: now - 31 * DAY }), recorded(1, { ts: now - 29 * DAY })]);
  await store.history.deliver([recorded(3, { ts: now })]);
  assert.equal(await store.history.prune(), 1);
  clock.jumpWallClock(5000 * DAY);
  await store.history.deliver([recorded(2, { ts: clock.now() })]);
  assert.equal(await store.history.prune(), 0);
  await store.stop();
  const again = await openStore(t, { clock, dataDir, retention });
  assert.equal(await again.store.history.prune(), 0);
  assert.equal((await again.store.history.query(all)).length, 3);
});

test('an hour ahead within the last week, a jump of ten years deletes nothing either', async (t) => {
  const clock = new FakeClock();
  const { store, dataDir } = await openStore(t, { clock, retention });
  const now = clock.now();
  await store.history.deliver(
    Array.from({ length: 100 }, (_, hour) => recorded(hour, { ts: now - hour * HOUR })),
  );
  await store.history.prune();
  await store.stop();
  clock.jumpWallClock(2 * HOUR);
  const { store: again } = await openStore(t, { clock, dataDir, retention });
  assert.equal(await again.history.prune(), 0);
  await clock.advance(DAY);
  clock.jumpWallClock(3650 * DAY);
  assert.equal(await again.history.prune(), 0);
});

test('while the clock is wrong, what grows old by both clocks still goes, without anybody asking', async (t) => {
  const clock = new FakeClock();
  const { store } = await openStore(t, { clock, retention: { keepMs: 10 * HOUR } });
  await store.outbox.append([sampleOf(0, { ts: clock.now() })]);
  await store.history.takeOver(9);
  clock.jumpWallClock(100 * DAY);
  await store.outbox.append([sampleOf(1, { ts: clock.now() })]);
  await store.history.takeOver(9);
  await clock.advance(9 * HOUR);
  assert.equal((await store.history.query(all)).length, 2);
  await clock.advance(3 * HOUR);
  await passing(clock, 'both are gone', async () => (await store.history.query(all)).length === 0);
});

test('what the clocks said is damaged in the file: the history stays, and retention goes on', async (t) => {
  const clock = new FakeClock();
  const { store, dataDir } = await openStore(t, { clock, retention });
  await store.history.deliver([recorded(0, { ts: clock.now() })]);
  await store.history.prune();
  await store.stop();
  for (const text of ['[[17670000000', '{', '[["x",1,2,3]]']) {
    await writeMeta(dataDir, 'clocks', text);
    const again = await openStore(t, { clock, dataDir, retention });
    clock.jumpWallClock(3650 * DAY);
    assert.equal(await again.store.history.prune(), 0);
    await again.store.stop();
  }
  assert.equal((await (await openStore(t, { clock, dataDir })).store.history.query(all)).length, 1);
});

test('short of disk, what is overdue still goes, so that there is room again', async (t) => {
  const clock = new FakeClock();
  const { store, dataDir } = await openStore(t, { clock, retention });
  await store.history.deliver([
    recorded(0, { ts: clock.now() - 29 * DAY }),
    recorded(1, { ts: clock.now() }),
  ]);
  await store.stop();
  const limits = { minFreeBytes: Number.MAX_SAFE_INTEGER, ballastBytes: 0 };
  const { store: full } = await openStore(t, { clock, dataDir, retention, limits });
  await assert.rejects(full.outbox.append([sampleOf(2)]), rejectedAs('store_full'));
  await clock.advance(2 * DAY);
  await passing(clock, 'the overdue is gone', async () => (await full.history.query(all)).length === 1);
});

test('after a change to MongoDB the local history of before still goes when it is old', async (t) => {
  const clock = new FakeClock();
  const { store } = await openStore(t, { clock, retention });
  await store.history.deliver([recorded(0, { ts: clock.now() - 40 * DAY })]);
  const log = new RecordingLog();
  const mongo = await mongoPlace('mongodb://127.0.0.1:9/x');
  chooseReadingStore({ mongo, owner: 'greenhouse', keepMs: 30 * DAY, local: store.history, clock, log });
  await clock.advance(HOUR);
  await passing(clock, 'it is gone', async () => (await store.history.query(all)).length === 0);
});

test('the logbook goes by the same rule: setting a clock of 1970 right deletes nothing, nor does a minute in 2036', async (t) => {
  const clock = new FakeClock(HOUR);
  const { store } = await openStore(t, { clock, retention });
  for (const minute of [1, 2, 3]) await store.logbook.note(event(clock.now() + minute));
  const kept = async (): Promise<number> =>
    (await store.logbook.query({ fromTs: 0, toTs: all.toTs, limit: 100 })).length;
  await clock.advance(10 * MINUTE);
  clock.jumpWallClock(56 * 365 * DAY);
  await store.logbook.note(event(clock.now(), 'clock.jumped'));
  await store.history.prune();
  assert.equal(await kept(), 4);
  clock.jumpWallClock(3650 * DAY);
  await store.logbook.note(event(clock.now(), 'clock.jumped'));
  await store.history.prune();
  clock.jumpWallClock(-3650 * DAY);
  await store.history.prune();
  assert.equal(await kept(), 5);
  await clock.advance(31 * DAY);
  await passing(clock, 'what is old by both is gone', async () => (await kept()) === 1);
});

test('devices that are gone are forgotten, and many with a sample each go in few steps', async (t) => {
  const clock = new FakeClock();
  const { store, dataDir } = await openStore(t, { clock, retention });
  const ts = clock.now() - 31 * DAY;
  await store.history.deliver(
    Array.from({ length: 5000 }, (_, n) => recorded(0, { device: `d-${String(n)}`, ts })),
  );
  await store.history.deliver([recorded(0, { ts: clock.now() })]);
  assert.equal(await store.history.prune(), 5000);
  await store.stop();
  for (const table of ['devices', 'origins', 'series', 'stored'])
    assert.equal(await countRows(dataDir, table), 1, table);
});
