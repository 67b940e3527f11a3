// A clock that was never set, and a store that deletes by its own: what would be deleted there waits here.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { Delivery } from '../../../bridge/recording/delivery.js';
import { Recorder } from '../../../bridge/recording/recorder.js';
import { TimeKeeper } from '../../../bridge/recording/time-keeper.js';
import { isClockSynchronised, isClockWrong } from '../../../gateway/process/clock-sync.js';
import type { StoreWorker } from '../../../gateway/store/durable/worker.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { SiteTopics } from '../../../shared/site-topics.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import type { FakeClock } from '../../support/fake-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { openStore, sampleOf } from '../store/open-store.js';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

interface World {
  readonly clock: FakeClock;
  readonly store: StoreWorker;
  readonly delivery: Delivery;
  readonly delivered: RecordedSample[];
  readonly keep: (seq: number) => Promise<boolean>;
}

async function world(t: TestContext): Promise<World> {
  const { store, clock, log } = await openStore(t);
  const noFolder = await temporaryFolder(t);
  assert.ok(isClockWrong(clock.now()));
  const delivered: RecordedSample[] = [];
  const deliver = async (samples: readonly RecordedSample[]): Promise<{ readonly poisoned: [] }> => {
    delivered.push(...samples);
    return Promise.resolve({ poisoned: [] });
  };
  const { broker } = await startBroker(t);
  const outlet = new Outlet(broker.bus, log);
  const delivery: Delivery = new Delivery({
    ...{ outbox: store.outbox, store: { kind: 'list', deliver }, clock, log },
    held: () => time.held(),
  });
  const onReleased = (): void => {
    delivery.wake();
  };
  const time = new TimeKeeper({
    ...{ clock, log, outlet, topics: TOPICS, boot: 'boot-a', corrector: store, onReleased },
    isSynchronised: () => isClockSynchronised(clock.now(), `${noFolder}/none`),
    isWrong: () => isClockWrong(clock.now()),
  });
  const recorder = new Recorder({
    ...{ messages: broker.bus, outbox: store.outbox, clock, log, time, onAccepted: onReleased },
    site: new SiteTopics('iot', ['greenhouse']),
    own: { gateway: 'greenhouse', boot: 'boot-a' },
  });
  await time.start();
  await delivery.start();
  t.after(async () => {
    await time.stop();
    await delivery.stop(0);
  });
  const keep = (seq: number): Promise<boolean> =>
    recorder.keep([
      {
        device: 'tank-1',
        sample: { ...time.stamp(clock.now()), boot: 'boot-a', seq, values: { n: seq } },
      },
    ]);
  return { clock, store, delivery, delivered, keep };
}

const facts = ({ seq, ts, clock }: RecordedSample): unknown[] => [seq, ts, clock];

test('samples of a clock that was never set wait, others pass them, and they follow with their right times', async (t) => {
  const { clock, store, delivery, delivered, keep } = await world(t);
  const startTs = clock.now();
  assert.deepEqual([await keep(0), await keep(1)], [true, true]);
  await clock.advance(5000);
  await store.outbox.append([sampleOf(7, { ts: startTs + YEAR })]);
  delivery.wake();
  await until('the one with a time of its own', () => delivered.length > 0);
  assert.deepEqual(delivered.map(facts), [[7, startTs + YEAR, undefined]]);
  clock.jumpWallClock(YEAR);
  await clock.advance(1000);
  await until('the others', () => delivered.length === 3);
  assert.deepEqual(delivered.slice(1).map(facts), [
    [0, startTs + YEAR, 'corrected'],
    [1, startTs + YEAR, 'corrected'],
  ]);
  await keep(2);
  await until('the next', () => delivered.length === 4);
});

test('where nobody sets the clock in a day they go as they are', async (t) => {
  const { clock, delivered, keep } = await world(t);
  const startTs = clock.now();
  await keep(0);
  await clock.advance(5000);
  await clock.standStill(DAY);
  await clock.advance(1000);
  await until('it', () => delivered.length === 1);
  assert.deepEqual(delivered.map(facts), [[0, startTs, 'unsynchronised']]);
});

test('what is asked for between the jump and the next tick is moved first, too', async (t) => {
  const { clock, delivery, delivered, keep } = await world(t);
  const startTs = clock.now();
  await keep(0);
  await clock.advance(5000);
  clock.jumpWallClock(YEAR);
  delivery.wake();
  await until('it', () => delivered.length === 1);
  assert.deepEqual(delivered.map(facts), [[0, startTs + YEAR, 'corrected']]);
});
