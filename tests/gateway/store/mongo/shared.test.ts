// What others have made of the collection: their indexes, their `keep`, and readers.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MongoClient, type CreateIndexesOptions, type Db } from 'mongodb';
import { mongodb } from '../../../../gateway/doctor/servers.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { openRecorded } from '../../../../gateway/store/shell/open-recorded.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { recorded } from '../../../contracts/reading-store-contract.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { mongoDatabases } from '../../../support/mongo/database.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const mongo = await mongoDatabases();
const skip = mongo === undefined && NO_MONGO;
const DAY = 86_400;

interface World {
  readonly uri: string;
  readonly db: Db;
  readonly clock: FakeClock;
}

async function newWorld(t: TestContext): Promise<World> {
  const { server, newDatabase } = mongo ?? assert.fail();
  const uri = server.uri(newDatabase());
  const client = await MongoClient.connect(uri);
  t.after(() => client.close());
  return { uri, db: client.db(), clock: new FakeClock() };
}

/** A gateway of this name starts with this `keep` and delivers; what it lacks. */
async function gateway({ uri, clock }: World, owner: string, keepDays?: number): Promise<string[]> {
  const keep = keepDays === undefined ? {} : { keepMs: keepDays * DAY * 1000 };
  const store = new MongoStore({ uri, log: new RecordingLog(), clock, retention: { ...keep, owner } });
  await store.start();
  try {
    assert.deepEqual(await store.deliver([recorded(0, { boot: owner, ts: clock.now() })]), { poisoned: [] });
    return store.lacks().map(({ name }) => name);
  } finally {
    await store.stop();
  }
}

async function keptDays({ db }: World): Promise<number | undefined> {
  const index = (await db.collection('samples').indexes()).find(
    ({ key }) => JSON.stringify(key) === '{"ts":1}',
  );
  return index?.expireAfterSeconds === undefined ? undefined : index.expireAfterSeconds / DAY;
}

test('a question from the shell leaves the indexes as they are', { skip }, async (t) => {
  const world = await newWorld(t);
  await gateway(world, 'greenhouse', 30);
  const dataDir = await temporaryFolder(t);
  const asked = await openRecorded({
    dataDir,
    mongodbUri: world.uri,
    log: new RecordingLog(),
    clock: new FakeClock(),
  });
  await asked.store.query({ device: 'tank-1', fromTs: 0, toTs: 1, limit: 1 });
  await asked.store.points({ device: 'tank-1', field: 't', fromTs: 0, toTs: 1, bucketMs: 1 });
  await asked.close();
  assert.equal(await keptDays(world), 30);
});

const OTHERS: readonly (readonly [string, CreateIndexesOptions, readonly string[]])[] = [
  ['of another name', { name: 'mine' }, []],
  ['unique', { unique: true }, ['other_index']],
];
for (const [what, options, lacks] of OTHERS) {
  test(`somebody’s own index on device and ts, ${what}: samples are delivered`, { skip }, async (t) => {
    const world = await newWorld(t);
    await world.db.collection('samples').createIndex({ device: 1, ts: 1 }, options, undefined);
    assert.deepEqual(await gateway(world, 'greenhouse', 30), lacks);
    assert.equal(await world.db.collection('samples').countDocuments(), 1);
  });
}

test(
  'a document that somebody put there by hand is left out, and the others are given',
  { skip },
  async (t) => {
    const world = await newWorld(t);
    const ts = world.clock.now();
    const foreign = { ts: new Date(ts), device: 'tank-1', note: 'by hand' };
    await world.db.collection('samples').insertOne(foreign);
    await gateway(world, 'greenhouse', 30);
    const store = new MongoStore({ uri: world.uri, log: new RecordingLog(), clock: new FakeClock() });
    await store.start();
    t.after(() => store.stop());
    const range = { device: 'tank-1', fromTs: ts, toTs: ts + 1 };
    assert.equal((await store.query({ ...range, limit: 10 })).length, 1);
    assert.equal((await store.query({ ...range, limit: 10, after: { ts, identity: '' } })).length, 1);
    assert.equal((await store.points({ ...range, field: 'temperature', bucketMs: 1 })).length, 1);
  },
);

test('of two that share a database the longer keep counts, whoever starts last', { skip }, async (t) => {
  const world = await newWorld(t);
  await gateway(world, 'centre', 365);
  assert.deepEqual(await gateway(world, 'greenhouse', 30), []);
  assert.equal(await keptDays(world), 365);
  // Who has set it so may set it otherwise.
  await gateway(world, 'centre', 60);
  assert.equal(await keptDays(world), 60);
  // Not heard of for longer than it wanted to keep: nothing of it is left.
  await world.clock.advance(61 * DAY * 1000);
  await gateway(world, 'greenhouse', 30);
  assert.equal(await keptDays(world), 30);
  await gateway(world, 'barn');
  assert.equal(await keptDays(world), undefined);
});

test(
  'what somebody set by hand is not shortened, and that is said; what is shorter is lengthened',
  { skip },
  async (t) => {
    const world = await newWorld(t);
    await world.db
      .collection('samples')
      .createIndex({ ts: 1 }, { name: 'keep', expireAfterSeconds: 90 * DAY }, undefined);
    assert.deepEqual(await gateway(world, 'greenhouse', 30), ['longer_keep']);
    assert.equal(await keptDays(world), 90);
    assert.deepEqual(await gateway(world, 'greenhouse', 120), []);
    assert.equal(await keptDays(world), 120);
    assert.deepEqual(await gateway(world, 'greenhouse', 30), []);
    assert.equal(await keptDays(world), 30);
  },
);

test('a keep beyond what an index can hold is the longest it can', { skip }, async (t) => {
  const world = await newWorld(t);
  assert.deepEqual(await gateway(world, 'greenhouse', 36_500), []);
  assert.equal(Math.round((await keptDays(world)) ?? 0), Math.round((2 ** 31 - 1) / DAY));
});

test('the doctor’s question is answered, and leaves nothing behind', { skip }, async (t) => {
  const { uri, db } = await newWorld(t);
  assert.equal((await mongodb(uri, new SystemClock())).state, 'ok');
  assert.deepEqual(await db.listCollections().toArray(), []);
});
