import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Delivery } from '../../../../bridge/recording/delivery.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { GatewayError, type ErrorCode } from '../../../../shared/errors.js';
import { identityOf, type RecordedSample } from '../../../../shared/sample.js';
import { recorded } from '../../../contracts/reading-store-contract.js';
import { mongoDatabases, type MongoDatabases } from '../../../support/mongo/database.js';
import { MongoProxy, type Fate } from '../../../support/mongo/proxy.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { openStore, rejectedAs, samplesOf } from '../open-store.js';

const mongo = await mongoDatabases();
const behindProxy = mongo !== undefined && process.env['MONGODB_URI'] === undefined;
const skip =
  mongo === undefined ? NO_MONGO : 'the proxy needs a server without TLS and credentials of its own';
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
  const store = new MongoStore({ uri, log: new RecordingLog(), clock: new SystemClock(), timeouts });
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

/** For assert.rejects: the code, and what the health topic would say of it. */
function saysCondition(store: MongoStore, code: ErrorCode, name: string): (thrown: unknown) => boolean {
  return (thrown) => {
    rejectedAs(code)(thrown);
    assert.ok(thrown instanceof GatewayError);
    const condition = store.conditionOf(thrown);
    assert.equal(condition.name, name);
    assert.match(condition.sentence, /^[A-Z].*\.$/);
    return true;
  };
}

const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100_000 };

function faults(databases: MongoDatabases): void {
  lostConnections(databases);
  chosenAnswers(databases);
  unknownErrors(databases);
  exactlyOnce(databases);
}

function lostConnections(databases: MongoDatabases): void {
  for (const fate of ['cut-before', 'cut-after', 'stall'] as const) {
    test(`after a ${fate} the store says unreachable, never delivered, and the same batch again is stored once`, async (t) => {
      const { proxy, store } = await setUp(t, databases, fate === 'stall' ? 1000 : undefined);
      const batch = [recorded(0), recorded(1), recorded(2)];
      proxy.fates.push(fate);
      const condition = fate === 'stall' ? 'hanging' : 'server_down';
      await assert.rejects(store.deliver(batch), saysCondition(store, 'store_unreachable', condition));
      await deliverAgain(store, batch);
      assert.deepEqual(await store.query(all), batch);
      assert.deepEqual(proxy.fates, []);
    });
  }

  test('a server that was down when the store started is found when it comes', async (t) => {
    const { proxy, store } = await setUp(t, databases);
    await proxy.down();
    await assert.rejects(
      store.deliver([recorded(0)]),
      saysCondition(store, 'store_unreachable', 'server_down'),
    );
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

const error = (code: number, errmsg: string): Fate => ({ answer: { ok: 0, code, errmsg } });
const writeError = (index: number, code: number): Record<string, unknown> => ({
  index,
  code,
  errmsg: 'no',
});
const duplicate = { index: 1, code: 11000, errmsg: 'E11000 duplicate key error index: _id_ dup key' };
const concern = { code: 64, errmsg: 'waiting for replication timed out' };
const CHOSEN: readonly (readonly [string, Fate, ErrorCode, string])[] = [
  ['no rights', error(13, 'not authorized on i2c'), 'store_refused', 'no_rights'],
  ['a wrong password', error(18, 'Authentication failed.'), 'store_refused', 'wrong_password'],
  ['the quota of Atlas', error(8000, 'you are over your space quota'), 'store_refused', 'quota'],
  ['not the primary', error(10107, 'not master'), 'store_unreachable', 'fail_over'],
  ['shutting down', error(11600, 'interrupted at shutdown'), 'store_unreachable', 'fail_over'],
  ['something unheard of', error(4711, 'whatever'), 'store_failed', 'unknown'],
  [
    'a write concern that failed',
    { answer: { ok: 1, n: 2, writeConcernError: concern } },
    'store_unreachable',
    'no_majority',
  ],
  [
    'duplicates and a write concern that failed',
    { answer: { ok: 1, n: 1, writeErrors: [duplicate], writeConcernError: concern } },
    'store_unreachable',
    'no_majority',
  ],
  [
    'full in the middle',
    { answer: { ok: 1, n: 1, writeErrors: [writeError(1, 14031)] } },
    'store_refused',
    'disk_full',
  ],
  [
    'full in the middle, after a duplicate',
    { answer: { ok: 1, n: 0, writeErrors: [{ ...duplicate, index: 0 }, writeError(1, 14031)] } },
    'store_refused',
    'disk_full',
  ],
  [
    'fewer documents than were sent',
    { answer: { ok: 1, n: 0, writeErrors: [duplicate] } },
    'store_failed',
    'unknown',
  ],
  ['fewer documents than were sent, and no error', { answer: { ok: 1, n: 1 } }, 'store_failed', 'unknown'],
  [
    'a wrong password at Atlas',
    error(8000, 'bad auth : Authentication failed'),
    'store_refused',
    'wrong_password',
  ],
  [
    'every document refused for an unknown reason',
    { answer: { ok: 1, n: 0, writeErrors: [writeError(0, 4711), writeError(1, 4711)] } },
    'store_failed',
    'unknown',
  ],
];

function chosenAnswers(databases: MongoDatabases): void {
  for (const [what, fate, code, condition] of CHOSEN) {
    test(`${what}: ${code}, ${condition}, and the batch is stored when it is sent again`, async (t) => {
      const { proxy, store } = await setUp(t, databases);
      const batch = [recorded(0), recorded(1)];
      proxy.fates.push(fate);
      await assert.rejects(store.deliver(batch), saysCondition(store, code, condition));
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

  test('poison is named by its place in the batch, also behind a document that could not be sent at all', async (t) => {
    const { proxy, store } = await setUp(t, databases);
    proxy.fates.push({ answer: { ok: 1, n: 1, writeErrors: [writeError(1, 121)] } });
    const fat = recorded(0, { values: { text: 'x'.repeat(17 * 1024 * 1024) } });
    const { poisoned } = await store.deliver([fat, recorded(1), recorded(2)]);
    assert.deepEqual(
      poisoned.map(({ index }) => index),
      [0, 2],
    );
  });
}

function unknownErrors(databases: MongoDatabases): void {
  test('a document refused for an unknown reason is a dead letter after some attempts, and those behind it are stored', async (t) => {
    const { proxy, store: mongoStore } = await setUp(t, databases);
    const { store } = await openStore(t);
    const clock = new SystemClock();
    const options = { mostAttempts: 3, firstPauseMs: 1, maxPauseMs: 5, batchSamples: 2 };
    const log = new RecordingLog();
    const delivery = new Delivery({ outbox: store.outbox, store: mongoStore, clock, log, ...options });
    t.after(() => delivery.stop(0));
    const writeErrors = [{ index: 0, code: 4711, errmsg: 'whatever' }];
    const refusal: Fate = { answer: { ok: 1, n: 1, writeErrors } };
    // The answers are the proxy's, so what it says is stored is not: in each round another neighbour.
    proxy.fates.push(refusal, refusal, refusal);
    await store.outbox.append(samplesOf(6));
    await delivery.start();
    while ((await store.outbox.stats()).depth > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(proxy.fates, []);
    const [letter, ...others] = log.lines.filter(({ message }) => message.includes('dead letters'));
    assert.deepEqual(others, []);
    assert.deepEqual(letter?.fields['poisoned'], [
      { position: 1, reason: 'MongoDB error 4711: whatever (3 attempts)' },
    ]);
    assert.deepEqual(
      (await mongoStore.query(all)).map(({ seq }) => seq),
      [4, 5],
    );
    assert.equal((await store.outbox.stats()).deadLetters, 1);
    assert.deepEqual([delivery.state.state, delivery.state.delivered], ['ok', 5]);
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

if (behindProxy) faults(mongo);
else test('MongoDB fails in every way there is', { skip }, () => undefined);
