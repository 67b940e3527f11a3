import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MongoClient } from 'mongodb';
import { MongoStore, type MongoStoreOptions } from '../../../../gateway/store/mongo/store.js';
import { readingStoreContract, recorded } from '../../../contracts/reading-store-contract.js';
import { mongoDatabases } from '../../../support/mongo/database.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { rejectedAs } from '../open-store.js';

const mongo = await mongoDatabases();
if (mongo === undefined) {
  test('samples are stored in MongoDB', { skip: NO_MONGO }, () => undefined);
} else {
  const { server, newDatabase } = mongo;

  const clock = new SystemClock();

  const startStore = async (
    t: TestContext,
    options: Partial<MongoStoreOptions> = {},
  ): Promise<MongoStore> => {
    const store = new MongoStore({
      uri: server.uri(newDatabase()),
      log: new RecordingLog(),
      clock,
      ...options,
    });
    await store.start();
    t.after(() => store.stop());
    return store;
  };

  const withClient = async <T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> => {
    const client = await MongoClient.connect(uri);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  };

  readingStoreContract('MongoDB', (t) => startStore(t));

  test('a document is what docs/mongodb.md says: identity as _id, ts a date, values below values', async (t) => {
    const uri = server.uri(newDatabase());
    const store = await startStore(t, { uri });
    await store.deliver([recorded(3, { errors: { level: 'out_of_range' } })]);
    const documents = await withClient(uri, (client) => client.db().collection('samples').find().toArray());
    assert.deepEqual(documents, [
      {
        _id: 'boot-a/tank-1/3',
        ts: new Date(1003),
        gateway: 'greenhouse',
        device: 'tank-1',
        values: { temperature: 0.3 },
        errors: { level: 'out_of_range' },
      },
    ]);
  });

  test('what another gateway stored under the same identity keeps its _id, of before too', async (t) => {
    const uri = server.uri(newDatabase());
    const store = await startStore(t, { uri });
    const ofBarn = recorded(0, { gateway: 'barn', values: { temperature: 5 } });
    await store.deliver([recorded(0)]);
    await store.deliver([ofBarn, recorded(0)]);
    await store.deliver([recorded(0), ofBarn]);
    const documents = await withClient(uri, (client) => client.db().collection('samples').find().toArray());
    assert.deepEqual(
      documents.map(({ _id, gateway }) => [String(_id), String(gateway)]),
      [
        ['boot-a/tank-1/0', 'greenhouse'],
        ['boot-a/tank-1/0+barn', 'barn'],
      ],
    );
  });

  test('the indexes follow the configuration: made, changed, and gone with `keep`', async (t) => {
    const uri = server.uri(newDatabase());
    const indexesWith = async (keepMs?: number): Promise<unknown[]> => {
      const retention = { owner: 'greenhouse', ...(keepMs === undefined ? {} : { keepMs }) };
      const store = await startStore(t, { uri, retention });
      await store.deliver([recorded(0)]);
      const indexes = await withClient(uri, (client) => client.db().collection('samples').indexes());
      const facts = indexes.map(({ key, expireAfterSeconds }) => [JSON.stringify(key), expireAfterSeconds]);
      return facts.sort();
    };
    const always = [
      ['{"_id":1}', undefined],
      ['{"device":1,"ts":1}', undefined],
    ];
    const day = 86_400;
    assert.deepEqual(await indexesWith(), always);
    assert.deepEqual(await indexesWith(day * 1000), [...always, ['{"ts":1}', day]]);
    assert.deepEqual(await indexesWith(30 * day * 1000), [...always, ['{"ts":1}', 30 * day]]);
    assert.deepEqual(await indexesWith(), always);
  });

  test('a document over 16 MB is poison, and the others of its batch are stored', async (t) => {
    const store = await startStore(t);
    const fat = recorded(1, { values: { text: 'x'.repeat(17 * 1024 * 1024) } });
    const { poisoned } = await store.deliver([recorded(0), fat, recorded(2)]);
    assert.deepEqual(
      poisoned.map(({ index }) => index),
      [1],
    );
    assert.match(poisoned[0]?.reason ?? '', /bytes/);
    const stored = await store.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10 });
    assert.deepEqual(
      stored.map(({ seq }) => seq),
      [0, 2],
    );
  });

  test('a duplicate in somebody’s own unique index is poison, not delivered', async (t) => {
    const uri = server.uri(newDatabase());
    await withClient(uri, (client) =>
      client.db().collection('samples').createIndex({ gateway: 1 }, { unique: true }, undefined),
    );
    const store = await startStore(t, { uri });
    const { poisoned } = await store.deliver([recorded(0), recorded(1)]);
    assert.deepEqual(
      poisoned.map(({ index }) => index),
      [1],
    );
  });

  test('the samples go to the database the URI names, else to the configured one', async (t) => {
    const database = newDatabase();
    const store = await startStore(t, { uri: `mongodb://${server.host}/?appName=x`, database });
    if (process.env['MONGODB_URI'] !== undefined) return;
    await store.deliver([recorded(0)]);
    const count = await withClient(server.uri(database), (client) =>
      client.db().collection('samples').countDocuments(),
    );
    assert.equal(count, 1);
  });

  test('an address that is none is refused at the start; a store that is stopped is closed', async (t) => {
    const wrong = new MongoStore({ uri: 'http://localhost', log: new RecordingLog(), clock });
    await assert.rejects(wrong.start(), rejectedAs('config_invalid'));
    const store = await startStore(t);
    await store.stop();
    await assert.rejects(store.deliver([recorded(0)]), rejectedAs('closed'));
  });
}
