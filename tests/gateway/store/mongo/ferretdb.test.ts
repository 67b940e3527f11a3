// A server of MongoDB's protocol that lacks what is optional: no index with expiry, no $cond. Everything is recorded, what
// is missing is named once and done by the gateway, and a reader changes nothing.
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { MongoClient } from 'mongodb';
import { openRecorded } from '../../../../gateway/store/shell/open-recorded.js';
import { MongoStore, type MongoRetention } from '../../../../gateway/store/mongo/store.js';
import { pointsByReading } from '../../../../gateway/store/mongo/points-by-reading.js';
import type { SampleDocument } from '../../../../gateway/store/mongo/document.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { readingStoreContract, recorded } from '../../../contracts/reading-store-contract.js';
import { findFerretDb, NO_FERRETDB } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { rejectedAs } from '../open-store.js';

const server = await findFerretDb();
after(() => server?.stop());
const skip = server === undefined && NO_FERRETDB;
const DAY = 86_400_000;
let databases = 0;

function newUri(): string {
  databases += 1;
  return server?.uri(`ferret_${String(databases)}`) ?? assert.fail();
}

async function startStore(
  t: TestContext,
  uri: string,
  retention?: MongoRetention,
): Promise<{ store: MongoStore; log: RecordingLog }> {
  const log = new RecordingLog();
  const store = new MongoStore({
    uri,
    log,
    clock: new SystemClock(),
    ...(retention === undefined ? {} : { retention }),
  });
  await store.start();
  t.after(() => store.stop());
  return { store, log };
}

function retentionOf(keepMs: number): MongoRetention {
  const pace = { chunk: 10, pauseMs: 1, mostChunks: 100 };
  return { keepMs, owner: 'greenhouse', pace };
}

if (server === undefined) test('a server that lacks what is optional', { skip }, () => undefined);
else {
  readingStoreContract('FerretDB', async (t) => (await startStore(t, newUri(), retentionOf(1e15))).store);
}

test(
  'what the server lacks is named once, in the log and for the health topic, and everything is stored',
  { skip },
  async (t) => {
    const { store, log } = await startStore(t, newUri(), retentionOf(30 * DAY));
    const now = Date.now();
    for (const seq of [0, 1, 2])
      assert.deepEqual(await store.deliver([recorded(seq, { ts: now + seq })]), { poisoned: [] });
    const range = { device: 'tank-1', fromTs: now, toTs: now + 10, field: 'temperature', bucketMs: 10 };
    for (let again = 0; again < 2; again += 1) assert.equal((await store.points(range))[0]?.count, 3);
    await store.retain([]);
    assert.deepEqual(
      store.lacks().map(({ name }) => name),
      ['no_expiry', 'no_points'],
    );
    const said = log.lines
      .filter(({ message }) => message.startsWith('MongoDB: '))
      .map(({ fields }) => fields['lack']);
    assert.deepEqual(said, ['no_expiry', 'no_points']);
    assert.equal((await store.query({ ...range, limit: 10 })).length, 3);
  },
);

test('where the server can’t, the gateway deletes what may go, and nothing else', { skip }, async (t) => {
  const { store } = await startStore(t, newUri(), retentionOf(30 * DAY));
  const now = Date.now();
  const ages = Array.from({ length: 60 }, (_, day) => recorded(day, { ts: now - day * DAY }));
  await store.deliver(ages);
  const mayGo = [
    { fromTs: Number.NEGATIVE_INFINITY, toTs: now - 50 * DAY },
    { fromTs: now - 40 * DAY, toTs: now - 30 * DAY },
  ];
  assert.equal(await store.retain(mayGo), 9 + 10);
  const left = await store.query({ device: 'tank-1', fromTs: 0, toTs: now + 1, limit: 100 });
  assert.equal(left.length, 60 - 19);
  assert.equal(await store.retain(mayGo), 0);
});

test('points of a range with more samples than are read are too_large', { skip }, async () => {
  const client = await MongoClient.connect(newUri());
  const samples = client.db().collection<SampleDocument>('samples');
  const device = 'tank-1';
  await samples.insertMany(
    [0, 1, 2].map((n) => ({
      _id: `b/${device}/${String(n)}`,
      ts: new Date(n),
      gateway: 'g',
      device,
      values: { t: n },
    })),
  );
  const query = { device, field: 't', fromTs: 0, toTs: 10, bucketMs: 10 };
  assert.equal((await pointsByReading(samples, query, 3))[0]?.max, 2);
  await assert.rejects(pointsByReading(samples, query, 2), rejectedAs('too_large'));
  await client.close();
});

test('who only asks makes no index, no collection and no document', { skip }, async (t) => {
  const uri = newUri();
  const client = await MongoClient.connect(uri);
  t.after(() => client.close());
  const dataDir = await temporaryFolder(t);
  const log = new RecordingLog();
  const recorded = await openRecorded({ dataDir, mongodbUri: uri, log, clock: new SystemClock() });
  const range = { device: 'tank-1', fromTs: 0, toTs: 10 };
  assert.deepEqual(await recorded.store.query({ ...range, limit: 10 }), []);
  assert.deepEqual(await recorded.store.points({ ...range, field: 't', bucketMs: 10 }), []);
  await recorded.close();
  assert.deepEqual(await client.db().listCollections().toArray(), []);
});
