// The clock of a board without a battery, from the sample that is read too early to the store it waits in.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Outlet, ONCE } from '../../../bridge/messages/outlet.js';
import { Recorder } from '../../../bridge/recording/recorder.js';
import { TimeKeeper } from '../../../bridge/recording/time-keeper.js';
import { isClockSynchronised } from '../../../gateway/process/clock-sync.js';
import type { StoreWorker } from '../../../gateway/store/durable/worker.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { SiteTopics } from '../../../shared/site-topics.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { openStore } from '../store/open-store.js';

const TELEMETRY = TOPICS.telemetry('tank-1');
const HOUR_MS = 3_600_000;

interface World {
  readonly clock: FakeClock;
  readonly time: TimeKeeper;
  readonly store: StoreWorker;
  readonly outlet: Outlet;
  readonly events: Record<string, unknown>[];
  /** As the poller does it: read now, and published. */
  readonly sample: (seq: number) => Promise<void>;
}

/** `machine.synchronised` is what the machine says of its clock, now and later. */
async function world(t: TestContext, machine: { synchronised: boolean }): Promise<World> {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { broker } = await startBroker(t);
  const { store } = await openStore(t);
  const outlet = new Outlet(broker.bus, log);
  const common = { clock, log, outlet, topics: TOPICS, messages: broker.bus };
  const time = new TimeKeeper({
    ...common,
    boot: 'boot-a',
    corrector: store,
    isSynchronised: () => machine.synchronised,
  });
  const recorder = new Recorder({
    ...common,
    site: new SiteTopics('iot', ['greenhouse']),
    outbox: store.outbox,
    onAccepted: () => undefined,
    time,
  });
  await recorder.start();
  await time.start();
  t.after(() => time.stop());
  const events: Record<string, unknown>[] = [];
  await broker.bus.subscribe(TOPICS.event, 1, ({ payload }) => {
    events.push(JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>);
  });
  const sample = async (seq: number): Promise<void> => {
    const payload = { ...time.stamp(clock.now()), boot: 'boot-a', seq, values: { n: seq } };
    await outlet.sent(TELEMETRY, Buffer.from(JSON.stringify(payload)), ONCE);
  };
  return { clock, time, store, outlet, events, sample };
}

const all = { device: 'tank-1', fromTs: 0, toTs: 8e15, limit: 100 };
const facts = ({ seq, ts, clock }: RecordedSample): unknown[] => [seq, ts, clock];

async function jumped({ events }: World): Promise<void> {
  while (events.length === 0) await settled();
}

test('what was read before the clock was set is moved by as much as it jumped, once, and the event says so', async (t) => {
  const machine = { synchronised: false };
  const there = await world(t, machine);
  const { clock, store, events, sample } = there;
  const startTs = clock.now();
  await sample(0);
  assert.equal((await store.history.takeOver(10)).taken, 1);
  await clock.advance(500);
  await sample(1);
  const [early] = await store.history.query(all);
  assert.deepEqual([early?.ts, early?.clock], [startTs, 'unsynchronised']);

  machine.synchronised = true;
  clock.jumpWallClock(HOUR_MS);
  await sample(2);
  await jumped(there);
  await clock.advance(3000);
  await sample(3);
  assert.deepEqual((await store.history.query(all)).map(facts), [[0, startTs + HOUR_MS, 'corrected']]);
  assert.deepEqual((await store.outbox.query(all)).map(facts), [
    [1, startTs + 500 + HOUR_MS, 'corrected'],
    [2, startTs + 500 + HOUR_MS, undefined],
    [3, startTs + 3500 + HOUR_MS, undefined],
  ]);
  const [{ message, ...event } = {}] = events;
  assert.deepEqual(event, {
    ...{ type: 'clock.jumped', ts: startTs + 500 + HOUR_MS },
    ...{ from: startTs + 500, to: startTs + 500 + HOUR_MS, corrected: 2 },
  });
  assert.match(String(message), /ahead by 3600\.0 s: 2 samples of this run were moved/);
});

test('a second jump moves what was read between the two, and nothing twice; back is a direction too', async (t) => {
  const there = await world(t, { synchronised: false });
  const { clock, store, events, sample } = there;
  const startTs = clock.now();
  await sample(0);
  clock.jumpWallClock(HOUR_MS);
  await clock.advance(1000);
  await jumped(there);
  await sample(1);
  clock.jumpWallClock(-2 * HOUR_MS);
  await clock.advance(1000);
  while (events.length < 2) await settled();
  assert.deepEqual((await store.outbox.query(all)).map(facts), [
    [1, startTs + 1000 - HOUR_MS, 'corrected'],
    [0, startTs + HOUR_MS, 'corrected'],
  ]);
});

test('with a synchronised clock no sample is marked or moved, whatever the clock does; a jump is said', async (t) => {
  const there = await world(t, { synchronised: true });
  const { clock, store, events, sample } = there;
  const startTs = clock.now();
  await sample(0);
  clock.jumpWallClock(1500);
  await clock.advance(1000);
  clock.jumpWallClock(HOUR_MS);
  await clock.advance(1000);
  await jumped(there);
  assert.deepEqual((await store.outbox.query(all)).map(facts), [[0, startTs, undefined]]);
  assert.equal(events.length, 1);
  assert.equal(events[0]?.['corrected'], undefined);
});

test('a clock that was right all the time is believed as soon as the machine says so', async (t) => {
  const machine = { synchronised: false };
  const { clock, store, events, sample } = await world(t, machine);
  await sample(0);
  machine.synchronised = true;
  await clock.advance(1000);
  await sample(1);
  assert.deepEqual(
    (await store.outbox.query(all)).map((kept) => kept.clock),
    ['unsynchronised', undefined],
  );
  assert.deepEqual(events, []);
});

test('a sample that a broker kept comes back after the jump and is moved all the same; those of others are not', async (t) => {
  const there = await world(t, { synchronised: false });
  const { clock, store, outlet } = there;
  const startTs = clock.now();
  clock.jumpWallClock(HOUR_MS);
  await clock.advance(1000);
  await jumped(there);
  for (const boot of ['boot-a', 'another']) {
    const late = { ts: startTs, boot, seq: 0, values: { n: 1 }, clock: 'unsynchronised' };
    await outlet.sent(TELEMETRY, Buffer.from(JSON.stringify(late)), ONCE);
  }
  assert.deepEqual((await store.outbox.query(all)).map(facts), [
    [0, startTs, 'unsynchronised'],
    [0, startTs + HOUR_MS, 'corrected'],
  ]);
});

test('errors of a marked sample stay with it, through the move into the history and the correction', async (t) => {
  // What is older than 2000 goes, and series that look as if they had no rows.
  const { store, clock } = await openStore(t, { retention: { keepMs: 10_000 } });
  const base = clock.now() - 12_000;
  const errors = { n: 'out_of_range' };
  const values = { n: null };
  const common = { gateway: 'g', device: 'tank-1', values, clock: 'unsynchronised' as const };
  await store.outbox.append([
    { ...common, ts: base + 5000, identity: { boot: 'boot-a', seq: 0 }, errors, run: 'boot-a/0' },
    { ...common, ts: base + 6000, identity: { boot: 'boot-b', seq: 0 } },
    { ...common, ts: base + 1000, identity: { boot: 'boot-c', seq: 0 } },
    { ...common, ts: base + 7000, identity: { boot: 'boot-b', seq: 1 } },
  ]);
  await store.history.takeOver(3);
  const correction = { run: 'boot-a/0', firstTs: base + 5000, lastTs: base + 5000, offsetMs: 7000 };
  assert.equal(await store.correctClock(correction), 1);
  assert.equal(await store.correctClock(correction), 0);
  assert.equal(await store.history.prune(), 1);
  assert.deepEqual((await store.outbox.query(all)).map(facts), [[1, base + 7000, 'unsynchronised']]);
  assert.deepEqual(await store.history.query(all), [
    { ...common, ts: base + 6000, boot: 'boot-b', seq: 0 },
    { ...common, ts: base + 12_000, boot: 'boot-a', seq: 0, errors, clock: 'corrected' },
  ]);
});

test('the machine’s clock is believed when timesyncd has set it, or does not run, and it is not of the past', async (t) => {
  const folder = join(await temporaryFolder(t), 'timesync');
  const now = Date.UTC(2027, 0, 1);
  assert.equal(isClockSynchronised(Date.UTC(2020, 0, 1), folder), false);
  assert.equal(isClockSynchronised(now, folder), true);
  await mkdir(folder);
  assert.equal(isClockSynchronised(now, folder), false);
  await writeFile(join(folder, 'synchronized'), '');
  assert.equal(isClockSynchronised(now, folder), true);
});

test('a client’s sample without a time, taken before the clock was set, is marked and moved as the gateway’s own are', async (t) => {
  const machine = { synchronised: false };
  const there = await world(t, machine);
  const { clock, store, outlet } = there;
  const startTs = clock.now();
  await outlet.sent(TELEMETRY, Buffer.from('{"values":{"n":1}}'), ONCE);
  await outlet.sent(TELEMETRY, Buffer.from(`{"ts":${String(startTs)}.75,"values":{"n":2}}`), ONCE);
  await store.history.takeOver(1);
  machine.synchronised = true;
  clock.jumpWallClock(HOUR_MS);
  await clock.advance(1000);
  await jumped(there);
  const found = [...(await store.history.query(all)), ...(await store.outbox.query(all))];
  assert.deepEqual(
    found.map(({ ts, clock: mark }) => [ts, mark]),
    [
      [startTs + HOUR_MS, 'corrected'],
      [startTs, undefined],
    ],
  );
});

test('a clock set ahead and later back: what is read after the last jump has the time that the clock shows', async (t) => {
  const machine = { synchronised: false };
  const { clock, time } = await world(t, machine);
  await clock.advance(60_000);
  const lateTs = clock.now();
  clock.jumpWallClock(2 * HOUR_MS);
  machine.synchronised = true;
  assert.deepEqual(time.stamp(clock.now()), { ts: clock.now() });
  assert.deepEqual(time.stamp(lateTs), { ts: lateTs + 2 * HOUR_MS, clock: 'corrected' });
  await clock.advance(60_000);
  clock.jumpWallClock(-1.5 * HOUR_MS);
  await clock.advance(60_000);
  assert.deepEqual(time.stamp(clock.now()), { ts: clock.now() });
});
