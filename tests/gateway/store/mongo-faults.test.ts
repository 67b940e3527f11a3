import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Delivery } from '../../../bridge/delivery.js';
import { MongoStore } from '../../../gateway/store/mongo-store.js';
import { SystemClock } from '../../../gateway/system-clock.js';
import type { ErrorCode } from '../../../shared/errors.js';
import { identityOf, type RecordedSample } from '../../../shared/sample.js';
import { recorded } from '../../contracts/reading-store-contract.js';
import { mongoDatabases, type MongoDatabases } from '../../support/mongo-database.js';
import { MongoProxy, type Fate } from '../../support/mongo-proxy.js';
import { NO_MONGO } from '../../support/mongo-server.js';
import { RecordingLog } from '../../support/recording-log.js';
import { openStore, rejectedAs, samplesOf } from './open-store.js';

const mongo = await mongoDatabases();
const behindProxy = mongo !== undefined && process.env['MONGODB_URI'] === undefined;
const skip =
  mongo === undefined ? NO_MONGO : 'the proxy needs a server without TLS and credentials of its own';
if (behindProxy) faults(mongo);
else test('MongoDB fails in every way there is', { skip }, () => undefined);

interface Setup {
  readonly proxy: MongoProxy;
  readonly store: MongoStore;
}

/** A stall takes `silenceMs` to be noticed; the others never wait for it, so that a slow machine fails no test. */
async function setUp(
  t: TestContext,
  { server, newDatabase }: MongoDatabases,
  silenceMs = 20_000,
): Promise<Setup> {
  const proxy = new MongoProxy(server.host);
  await proxy.up();
  const uri = `mongodb://${proxy.host}/${newDatabase()}?directConnection=true`;
  const timeouts = { selectMs: 1000, connectMs: 1000, silenceMs };
  const store = new MongoStore({ uri, log: new RecordingLog(), timeouts });
  await store.start();
  t.after(async () => {
    await store.stop();
    await proxy.down();
  });
  return { proxy, store };
}

/** As the delivery does it: again until it is taken. */
async function deliverAgain(store: MongoStore, batch: readonly RecordedSample[]): Promise<void> {
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    try {
      assert.deepEqual(await store.deliver(batch), { poisoned: [] });
      return;
    } catch (thrown) {
      rejectedAs('store_unreachable')(thrown);
    }
  }
  assert.fail('not taken in 20 attempts');
}

const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100_000 };

function faults(databases: MongoDatabases): void {
  lostConnections(databases);
  chosenAnswers(databases);
  exactlyOnce(databases);
}

function lostConnections(databases: MongoDatabases): void {
  for (const fate of ['cut-before', 'cut-after', 'stall'] as const) {
    test(`after a ${fate} the store says unreachable, never delivered, and the same batch again is stored once`, async (t) => {
      const { proxy, store } = await setUp(t, databases, fate === 'stall' ? 1000 : undefined);
      const batch = [recorded(0), recorded(1), recorded(2)];
      proxy.fates.push(fate);
      await assert.rejects(store.deliver(batch), rejectedAs('store_unreachable'));
      await deliverAgain(store, batch);
      assert.deepEqual(await store.query(all), batch);
      assert.deepEqual(proxy.fates, []);
    });
  }

  test('a server that was down when the store started is found when it comes', async (t) => {
    const { proxy, store } = await setUp(t, databases);
    await proxy.down();
    await assert.rejects(store.deliver([recorded(0)]), rejectedAs('store_unreachable'));
    await assert.rejects(store.query(all), rejectedAs('store_unreachable'));
    await proxy.up();
    await deliverAgain(store, [recorded(0)]);
    await proxy.down();
    await assert.rejects(store.deliver([recorded(1)]), rejectedAs('store_unreachable'));
    await proxy.up();
    await deliverAgain(store, [recorded(1)]);
    assert.deepEqual(await store.query(all), [recorded(0), recorded(1)]);
  });
}

function chosenAnswers(databases: MongoDatabases): void {
  const error = (code: number, errmsg: string): Fate => ({ answer: { ok: 0, code, errmsg } });
  const writeError = (index: number, code: number): Record<string, unknown> => ({
    index,
    code,
    errmsg: 'no',
  });
  const duplicate = { index: 1, code: 11000, errmsg: 'E11000 duplicate key error index: _id_ dup key' };
  const concern = { code: 64, errmsg: 'waiting for replication timed out' };
  const cases: readonly (readonly [string, Fate, ErrorCode])[] = [
    ['no rights', error(13, 'not authorized on i2c'), 'store_refused'],
    ['a wrong password', error(18, 'Authentication failed.'), 'store_refused'],
    ['the quota of Atlas', error(8000, 'you are over your space quota'), 'store_refused'],
    ['not the primary', error(10107, 'not master'), 'store_unreachable'],
    ['shutting down', error(11600, 'interrupted at shutdown'), 'store_unreachable'],
    ['something unheard of', error(4711, 'whatever'), 'store_failed'],
    [
      'a write concern that failed',
      { answer: { ok: 1, n: 2, writeConcernError: concern } },
      'store_unreachable',
    ],
    [
      'duplicates and a write concern that failed',
      { answer: { ok: 1, n: 1, writeErrors: [duplicate], writeConcernError: concern } },
      'store_unreachable',
    ],
    ['full in the middle', { answer: { ok: 1, n: 1, writeErrors: [writeError(1, 14031)] } }, 'store_refused'],
    [
      'full in the middle, after a duplicate',
      { answer: { ok: 1, n: 0, writeErrors: [{ ...duplicate, index: 0 }, writeError(1, 14031)] } },
      'store_refused',
    ],
    ['fewer documents than were sent', { answer: { ok: 1, n: 0, writeErrors: [duplicate] } }, 'store_failed'],
  ];
  for (const [what, fate, code] of cases) {
    test(`${what}: ${code}, and the batch is stored when it is sent again`, async (t) => {
      const { proxy, store } = await setUp(t, databases);
      const batch = [recorded(0), recorded(1)];
      proxy.fates.push(fate);
      await assert.rejects(store.deliver(batch), rejectedAs(code));
      await deliverAgain(store, batch);
      assert.deepEqual(await store.query(all), batch);
    });
  }

  test('a document that a validator refuses is poison, and duplicates beside it are delivered', async (t) => {
    const { proxy, store } = await setUp(t, databases);
    proxy.fates.push({ answer: { ok: 1, n: 1, writeErrors: [writeError(0, 121), duplicate] } });
    const { poisoned } = await store.deliver([recorded(0), recorded(1), recorded(2)]);
    assert.deepEqual(poisoned, [{ index: 0, reason: 'MongoDB error 121: no' }]);
  });
}

function exactlyOnce(databases: MongoDatabases): void {
  test('from the outbox, through every fault in turn, each sample arrives exactly once', async (t) => {
    const { proxy, store: mongoStore } = await setUp(t, databases, 1000);
    const { store } = await openStore(t);
    const log = new RecordingLog();
    const clock = new SystemClock();
    const options = { batchSamples: 10, firstPauseMs: 1, maxPauseMs: 20 };
    const delivery = new Delivery({ outbox: store.outbox, store: mongoStore, clock, log, ...options });
    t.after(() => delivery.stop(0));
    const fates: Fate[] = [
      'cut-after',
      'pass',
      'cut-before',
      'cut-after',
      'cut-after',
      'pass',
      'stall',
      'cut-before',
    ];
    proxy.fates.push(...fates, ...fates);
    await delivery.start();
    for (let from = 0; from < 200; from += 20) {
      await store.outbox.append(samplesOf(20, from));
      delivery.wake();
    }
    while ((await store.outbox.stats()).depth > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const identities = (await mongoStore.query(all)).map(identityOf);
    assert.deepEqual(
      identities,
      samplesOf(200).map(({ ts }) => `boot-a/tank-1/${String(ts - 1000)}`),
    );
    assert.deepEqual(proxy.fates, [], 'every fault has struck');
    assert.equal(delivery.state.state, 'ok');
    assert.equal(delivery.state.delivered, 200);
  });
}
