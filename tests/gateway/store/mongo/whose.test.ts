// An identity that is there already, and a server that does not say whose it is: nothing that was accepted waits for that.
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { Delivery } from '../../../../bridge/recording/delivery.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { isMadeByGateway, newBootId } from '../../../../shared/boot.js';
import type { RecordedSample } from '../../../../shared/sample.js';
import { recorded } from '../../../contracts/reading-store-contract.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { MongoProxy, type Fate } from '../../../support/mongo/proxy.js';
import { findFerretDb, NO_FERRETDB } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';
import { openStore, sampleOf } from '../open-store.js';

const server = await findFerretDb();
after(() => server?.stop());
const skip = server === undefined && NO_FERRETDB;
const OWN = newBootId(Date.UTC(2026, 10, 27), new Uint8Array(6));
const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 1000 };
const NOT_ALLOWED: Fate = { answer: { ok: 0, code: 13, errmsg: 'not authorized to find' } };
let databases = 0;

interface World {
  readonly proxy: MongoProxy;
  /** Behind the proxy. */
  readonly store: MongoStore;
  readonly clock: FakeClock;
  readonly stored: () => Promise<readonly RecordedSample[]>;
}

async function newWorld(t: TestContext): Promise<World> {
  databases += 1;
  const database = `whose_${String(databases)}`;
  const proxy = new MongoProxy(server?.host ?? assert.fail());
  await proxy.up();
  const log = new RecordingLog();
  const clock = new FakeClock();
  const uri = `mongodb://${proxy.host}/${database}?directConnection=true`;
  const store = new MongoStore({ uri, log, clock });
  const beside = new MongoStore({
    uri: server?.uri(database) ?? assert.fail(),
    log,
    clock: new SystemClock(),
  });
  for (const each of [store, beside]) await each.start();
  t.after(async () => {
    for (const each of [store, beside]) await each.stop();
    await proxy.down();
  });
  return { proxy, store, clock, stored: async () => beside.query(all) };
}

test('a boot id is known for one, and a name that a client chose is none', () => {
  for (const boot of [OWN, newBootId(Date.now(), new Uint8Array(6).fill(35)), `store-${'0f'.repeat(8)}`])
    assert.ok(isMadeByGateway(boot), boot);
  for (const boot of ['a', 'boot-a', 'esp32-kitchen', 'tank-sensor', 'store-1', '12345678-abcdef-1'])
    assert.ok(!isMadeByGateway(boot), boot);
});

test(
  "who may not ask stores what is new, and takes a gateway's own identity for its own",
  { skip },
  async (t) => {
    const { proxy, store, stored } = await newWorld(t);
    const before = [recorded(0, { boot: OWN }), recorded(1, { boot: 'by-hand' })];
    assert.deepEqual(await store.deliver(before), { poisoned: [] });
    proxy.fateOfQuestion = () => NOT_ALLOWED;
    const { poisoned, undecided = [] } = await store.deliver([...before, recorded(2, { boot: 'by-hand' })]);
    assert.deepEqual(poisoned, []);
    assert.deepEqual(
      undecided.map(({ index }) => index),
      [1],
    );
    assert.match(undecided[0]?.reason ?? '', /does not tell of which gateway: not authorized/);
    assert.deepEqual(
      (await stored()).map(({ seq }) => seq),
      [0, 1, 2],
    );
  },
);

test('a question that is never answered holds up nothing', { skip }, async (t) => {
  const { proxy, store, clock, stored } = await newWorld(t);
  const before = [recorded(0, { boot: OWN })];
  await store.deliver(before);
  let asked = 0;
  proxy.fateOfQuestion = () => {
    asked += 1;
    return 'stall';
  };
  const delivering = store.deliver([...before, recorded(1, { boot: OWN })]);
  await until('the question', () => asked === 1);
  await clock.advance(11_000);
  assert.deepEqual(await delivering, { poisoned: [] });
  assert.equal((await stored()).length, 2);
});

test(
  'through the outbox: what is certain is delivered, and of what is not a dead letter is kept',
  { skip },
  async (t) => {
    const { proxy, store: mongoStore, stored } = await newWorld(t);
    const { store } = await openStore(t);
    const [clock, log] = [new SystemClock(), new RecordingLog()];
    const options = { mostAttempts: 3, firstPauseMs: 1, maxPauseMs: 5 };
    const delivery = new Delivery({ outbox: store.outbox, store: mongoStore, clock, log, ...options });
    t.after(() => delivery.stop(0));
    const samples = [OWN, 'by-hand'].flatMap((boot) =>
      [0, 1].map((seq) => sampleOf(seq, { identity: { boot, seq } })),
    );
    await mongoStore.deliver([recorded(0, { boot: OWN }), recorded(0, { boot: 'by-hand' })]);
    proxy.fateOfQuestion = () => NOT_ALLOWED;
    await store.outbox.append(samples);
    await delivery.start();
    while ((await store.outbox.stats()).depth > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await store.outbox.stats()).deadLetters, 1);
    assert.deepEqual([delivery.state.state, delivery.state.delivered], ['ok', 3]);
    assert.equal((await stored()).length, 4);
  },
);
