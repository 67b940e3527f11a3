// Pages from a server whose index gives samples of one moment in the order they came in, as mongod's does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Long, type Document } from 'mongodb';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { documentOf } from '../../../../gateway/store/mongo/document.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { pagesThroughMoment, SAMPLES_OF_MOMENT } from '../../../contracts/moment-contract.js';
import { mongoDatabases } from '../../../support/mongo/database.js';
import { MongoProxy } from '../../../support/mongo/proxy.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';

const mongo = await mongoDatabases();
const behindProxy = mongo !== undefined && process.env['MONGODB_URI'] === undefined;
const skip =
  mongo === undefined ? NO_MONGO : 'the proxy needs a server without TLS and credentials of its own';

/** mongo-java-server sorts by _id what has one `ts`; so a question sorted by `ts` alone is answered in its place. */
function inOrderOfArrival(database: string): (command: Document) => Document {
  return ({ filter, limit }) => {
    const { ts } = (filter as { $and: [{ ts: { $gte: Date; $lt: Date } }] }).$and[0];
    const found = SAMPLES_OF_MOMENT.map(documentOf)
      .filter((document) => document.ts >= ts.$gte && document.ts < ts.$lt)
      .sort((a, b) => a.ts.getTime() - b.ts.getTime())
      .slice(0, Number(limit));
    return { ok: 1, cursor: { id: Long.ZERO, ns: `${database}.samples`, firstBatch: found } };
  };
}

test(
  'a page that ends within a moment is the same from a server that does not sort within it',
  { skip: !behindProxy && skip },
  async (t) => {
    const { server, newDatabase } = mongo ?? assert.fail();
    const proxy = new MongoProxy(server.host);
    await proxy.up();
    const database = newDatabase();
    const store = new MongoStore({
      uri: `mongodb://${proxy.host}/${database}?directConnection=true`,
      log: new RecordingLog(),
      clock: new SystemClock(),
    });
    await store.start();
    t.after(async () => {
      await store.stop();
      await proxy.down();
    });
    await store.deliver(SAMPLES_OF_MOMENT);
    const answer = inOrderOfArrival(database);
    let answered = 0;
    proxy.fateOfQuestion = (command) => {
      if (JSON.stringify(command['sort']) !== '{"ts":1}') return 'pass';
      answered += 1;
      return { answer: answer(command) };
    };
    await pagesThroughMoment((query) => store.query(query));
    assert.ok(answered > 0);
  },
);
