// A poll goes to MongoDB: the same samples that the telemetry topic showed, each once, through a restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { identityOf, type Sample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { findMongoServer, NO_MONGO, type MongoServer } from '../../support/mongo/server.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const TELEMETRY = 'iot/greenhouse/device/tank-1/telemetry';
const DATABASE = `system-story-${String(process.pid)}`;

let server: MongoServer | undefined;
before(async () => {
  server = await findMongoServer();
});
after(() => server?.stop());

test('every sample a subscriber saw is a document with its values, also over a restart of the gateway', async (t) => {
  if (server === undefined) {
    t.skip(NO_MONGO);
    return;
  }
  const uri = server.uri(DATABASE);
  const mongo = await new MongoClient(uri).connect();
  t.after(async () => {
    // What the tests started goes with its data; mongo-java-server 1.47.0 can't drop a collection that stayed empty.
    if (process.env['MONGODB_URI'] !== undefined) await mongo.db().dropDatabase();
    await mongo.close();
  });
  const seen = new Map<string, Sample>();
  let dataDir: string | undefined;
  for (let round = 0; round < 2; round++) {
    const gateway = await startGateway(t, {
      env: { MONGODB_URI: uri },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    dataDir = gateway.dataDir;
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe(TELEMETRY, 1);
    await until('three samples', () => client.received.length >= 3);
    assert.equal(await gateway.end('SIGTERM'), 0);
    for (const { text } of client.received) {
      const sample = JSON.parse(text) as Sample;
      seen.set(identityOf({ ...sample, device: 'tank-1' }), sample);
    }
  }
  const documents = await mongo
    .db()
    .collection<{ _id: string; ts: Date; values: unknown }>('samples')
    .find({ device: 'tank-1' })
    .toArray();
  const stored = new Map(documents.map((document) => [document._id, document]));
  for (const [identity, { ts, values }] of seen) {
    const document = stored.get(identity);
    assert.deepEqual([document?.ts.getTime(), document?.values], [ts, values], identity);
  }
  const shell = await runToEnd(t, ['history', 'tank-1', '--format', 'jsonl', '--data', dataDir ?? ''], {
    MONGODB_URI: uri,
  });
  assert.equal(shell.output.trim().split('\n').length, documents.length, shell.output);
});
