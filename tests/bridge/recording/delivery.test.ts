import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delivery, type DeliveryOptions } from '../../../bridge/recording/delivery.js';
import { GatewayError } from '../../../shared/errors.js';
import type {
  DeliveryReport,
  Outbox,
  OutboxEntry,
  Poisoned,
  ReadingStore,
  TakenOver,
} from '../../../shared/stores.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

/** An outbox in memory; the durable one has tests of its own. */
class ListOutbox implements Pick<Outbox, 'peek' | 'settle'> {
  entries: OutboxEntry[] = [];
  dead: Poisoned[] = [];
  #last = 0;

  add(count: number): void {
    for (let added = 0; added < count; added += 1) {
      this.#last += 1;
      const sample = { ts: this.#last, boot: 'b', seq: this.#last, values: {}, gateway: 'g', device: 'd' };
      this.entries.push({ position: this.#last, sample });
    }
  }
  peek(limit: number): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.entries.slice(0, limit));
  }
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void> {
    const gone = new Set([...delivered, ...poisoned.map(({ position }) => position)]);
    this.entries = this.entries.filter(({ position }) => !gone.has(position));
    this.dead.push(...poisoned);
    return Promise.resolve();
  }
}

type Answer = (samples: readonly RecordedSample[]) => Promise<DeliveryReport>;
const take: Answer = () => Promise.resolve({ poisoned: [] });
const unreachable: Answer = () => Promise.reject(new GatewayError('store_unreachable', 'nobody there'));
const refused: Answer = () => Promise.reject(new GatewayError('store_refused', 'wrong password'));

/** A store that answers as the test says, and notes what it was sent and when. */
class ScriptedStore implements Pick<ReadingStore, 'deliver' | 'kind'> {
  readonly kind = 'mongodb';
  readonly attempts: { readonly atMs: number; readonly seqs: readonly number[] }[] = [];
  answer: Answer = take;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }
  deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    this.attempts.push({ atMs: this.#clock.monotonicMs(), seqs: samples.map(({ seq }) => seq) });
    return this.answer(samples);
  }
}

function setUp(options: Partial<DeliveryOptions> = {}): {
  outbox: ListOutbox;
  store: ScriptedStore;
  clock: FakeClock;
  log: RecordingLog;
  delivery: Delivery;
} {
  const clock = new FakeClock();
  const outbox = new ListOutbox();
  const store = new ScriptedStore(clock);
  const log = new RecordingLog();
  return { outbox, store, clock, log, delivery: new Delivery({ outbox, store, clock, log, ...options }) };
}

test('what waited before the start is delivered in batches, oldest first, and leaves the outbox', async () => {
  const { outbox, store, delivery } = setUp({ batchSamples: 2 });
  outbox.add(5);
  await delivery.start();
  await settled();
  assert.deepEqual(
    store.attempts.map(({ seqs }) => seqs),
    [[1, 2], [3, 4], [5]],
  );
  assert.deepEqual(outbox.entries, []);
  assert.equal(delivery.state.state, 'ok');
  assert.equal(delivery.state.delivered, 5);
  await delivery.stop();
});

test('an append wakes it; without one it asks nobody', async () => {
  const { outbox, store, clock, delivery } = setUp();
  await delivery.start();
  await clock.advance(3_600_000);
  assert.equal(store.attempts.length, 0);
  outbox.add(1);
  delivery.wake();
  await settled();
  assert.deepEqual(
    store.attempts.map(({ seqs }) => seqs),
    [[1]],
  );
  await delivery.stop();
  assert.equal(clock.waiting, 0);
});

test('with a time to gather, appends within it go in one batch', async () => {
  const { outbox, store, clock, delivery } = setUp({ gatherMs: 1000 });
  await delivery.start();
  for (let n = 0; n < 4; n += 1) {
    outbox.add(1);
    delivery.wake();
    await clock.advance(200);
  }
  assert.equal(store.attempts.length, 0);
  await clock.advance(200);
  assert.deepEqual(
    store.attempts.map(({ seqs }) => seqs),
    [[1, 2, 3, 4]],
  );
  await delivery.stop();
});

test('while the store is away the pauses double up to their limit, and the same batch is sent again', async () => {
  const { outbox, store, clock, delivery } = setUp({ firstPauseMs: 250, maxPauseMs: 1500 });
  store.answer = unreachable;
  outbox.add(2);
  await delivery.start();
  await clock.advance(5000);
  assert.deepEqual(
    store.attempts.map(({ atMs }) => atMs),
    [0, 250, 750, 1750, 3250, 4750],
  );
  assert.ok(store.attempts.every(({ seqs }) => seqs.join() === '1,2'));
  store.answer = take;
  await clock.advance(1500);
  assert.deepEqual(outbox.entries, []);
  store.answer = unreachable;
  outbox.add(1);
  delivery.wake();
  await settled();
  assert.equal(clock.nextDueInMs, 250, 'after a success the pauses begin anew');
  await delivery.stop();
});

test('appends during a pause do not shorten it', async () => {
  const { outbox, store, clock, delivery } = setUp();
  store.answer = unreachable;
  outbox.add(1);
  await delivery.start();
  await settled();
  outbox.add(1);
  delivery.wake();
  await clock.advance(249);
  assert.equal(store.attempts.length, 1);
  await clock.advance(1);
  assert.deepEqual(store.attempts[1]?.seqs, [1, 2]);
  await delivery.stop();
});

test('each change of state is one line in the log, and readable with its error and its moment', async () => {
  const { outbox, store, clock, log, delivery } = setUp();
  assert.equal(delivery.state.state, 'unknown');
  store.answer = unreachable;
  outbox.add(1);
  const startedTs = clock.now();
  await delivery.start();
  await clock.advance(60_000);
  assert.deepEqual(delivery.state.error, { code: 'store_unreachable', message: 'nobody there' });
  assert.deepEqual([delivery.state.state, delivery.state.since], ['unreachable', startedTs]);
  store.answer = refused;
  await clock.advance(60_000);
  assert.equal(delivery.state.state, 'refused');
  store.answer = take;
  await clock.advance(60_000);
  assert.equal(delivery.state.state, 'ok');
  assert.ok(!('error' in delivery.state));
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn', 'warn', 'info'],
  );
  await delivery.stop();
});

test('a poisoned sample goes to the dead letters and holds up nobody behind it', async () => {
  const { outbox, store, delivery } = setUp({ batchSamples: 2 });
  store.answer = (samples) => {
    const index = samples.findIndex(({ seq }) => seq === 2);
    return Promise.resolve({ poisoned: index < 0 ? [] : [{ index, reason: 'too large' }] });
  };
  outbox.add(4);
  await delivery.start();
  await settled();
  assert.deepEqual(outbox.entries, []);
  assert.deepEqual(outbox.dead, [{ position: 2, reason: 'too large' }]);
  assert.deepEqual([delivery.state.delivered, delivery.state.poisoned], [3, 1]);
  await delivery.stop();
});

test('a stop delivers what still waits, without the time to gather', async () => {
  const { outbox, store, delivery } = setUp({ batchSamples: 2, gatherMs: 60_000 });
  await delivery.start();
  await settled();
  outbox.add(3);
  delivery.wake();
  await settled();
  await delivery.stop();
  assert.deepEqual(
    store.attempts.map(({ seqs }) => seqs),
    [[1, 2], [3]],
  );
});

test('a stop gives up at the first failure, and the samples stay', async () => {
  const { outbox, store, clock, delivery } = setUp();
  store.answer = unreachable;
  outbox.add(1);
  await delivery.start();
  await settled();
  await delivery.stop();
  assert.equal(store.attempts.length, 2);
  assert.equal(outbox.entries.length, 1);
  assert.equal(clock.waiting, 0);
});

test('a stop does not wait for a store that hangs longer than its deadline, and settles nothing after it', async () => {
  const { outbox, store, clock, log, delivery } = setUp();
  let answer: (report: DeliveryReport) => void = () => undefined;
  store.answer = () => new Promise((resolve) => (answer = resolve));
  outbox.add(1);
  await delivery.start();
  await settled();
  const stopped = delivery.stop(1400);
  await clock.advance(700);
  await stopped;
  answer({ poisoned: [] });
  await settled();
  assert.equal(outbox.entries.length, 1);
  assert.deepEqual(log.lines, []);
});

test('where the store takes over by itself, it does so batch after batch, and again when the outbox has gathered enough', async () => {
  const taken: number[] = [];
  let waiting = 5;
  const takeOver = (limit: number): Promise<TakenOver> => {
    const now = Math.min(limit, waiting);
    waiting -= now;
    taken.push(now);
    return Promise.resolve({ taken: now, more: false, poisoned: [] });
  };
  const { store, clock, delivery } = setUp({ takeOver, batchSamples: 2, gatherMs: 180_000 });
  await delivery.start();
  await settled();
  assert.deepEqual(taken, [2, 2, 1]);
  assert.deepEqual([delivery.state.state, delivery.state.delivered], ['ok', 5]);

  waiting = 1;
  delivery.wake();
  await settled();
  assert.deepEqual(taken.slice(3), []);
  await clock.advance(180_000);
  assert.deepEqual(taken.slice(3), [1]);

  waiting = 2;
  delivery.wake();
  await settled();
  delivery.wake();
  await settled();
  assert.deepEqual(taken.slice(4, 5), [2], 'a full batch waits for nothing');
  waiting = 1;
  await delivery.stop();
  assert.equal(waiting, 0);
  assert.deepEqual(store.attempts, []);
});
