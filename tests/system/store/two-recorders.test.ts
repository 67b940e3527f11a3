// Two recorders on the same topics stand in for one another: into one MongoDB every sample comes once.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MongoClient } from 'mongodb';
import { mongoDatabases } from '../../support/mongo/database.js';
import { NO_MONGO } from '../../support/mongo/server.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { startRecorder } from '../../support/recorder-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const SAMPLES = 300;
const WITHOUT_IDENTITY = 5;
const mongo = withoutMosquitto === false ? await mongoDatabases() : undefined;
const skip = withoutMosquitto === false && mongo === undefined ? NO_MONGO : withoutMosquitto;

test(
  'two recorders into one MongoDB, one of them killed on the way: every sample once, each event once',
  { skip },
  async (t) => {
    if (mongo === undefined) return;
    const uri = mongo.server.uri(mongo.newDatabase());
    const { url } = await startMosquitto(t);
    const dataDir = await temporaryFolder(t);
    const [one, other] = await Promise.all([
      startRecorder(t, url, { env: { MONGODB_URI: uri } }),
      startRecorder(t, url, { env: { MONGODB_URI: uri }, dataDir }),
    ]);
    assert.notEqual(one.name, other.name);
    const client = await connectClient(t, url);
    const now = Date.now();
    let acknowledged = 0;
    const publish = async (what: string, payload: object): Promise<void> => {
      await client.publish(`iot/roof/${what}`, JSON.stringify(payload), { qos: 1 });
      acknowledged += 1;
    };
    const publishing = Array.from({ length: SAMPLES }, async (_, seq) =>
      publish('device/wind/telemetry', { ts: now + seq, boot: 'b', seq, values: { wind: seq } }),
    );
    await until('a good part', () => acknowledged > SAMPLES / 3);
    await other.end('SIGKILL');
    await Promise.all(publishing);
    await publish('event', { type: 'device.offline', ts: now, device: 'wind' });
    for (let n = 0; n < WITHOUT_IDENTITY; n++) await publish('device/rain/telemetry', { values: { n } });
    await startRecorder(t, url, { env: { MONGODB_URI: uri }, dataDir });
    await reckon(t, uri);
  },
);

async function reckon(t: TestContext, uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  t.after(() => client.close());
  const samples = client.db().collection<{ _id: string; gateway: string; boot: string }>('samples');
  const counted = async (device: string): Promise<number> => samples.countDocuments({ device });
  // What has no identity gets one from each recorder: seeing all of those is seeing that both have delivered.
  await becomes(async () => counted('rain'), 2 * WITHOUT_IDENTITY);
  await becomes(async () => counted('wind'), SAMPLES);
  const ids = (await samples.find({ device: 'wind' }).toArray()).map(({ _id }) => _id);
  assert.deepEqual(
    new Set(ids),
    new Set(Array.from({ length: SAMPLES }, (_, seq) => `b/wind/${String(seq)}`)),
  );
  assert.deepEqual(await samples.distinct('gateway'), ['roof']);
  await becomes(async () => client.db().collection('events').countDocuments(), 1);
}

async function becomes(count: () => Promise<number>, expected: number): Promise<void> {
  let last = -1;
  for (let look = 0; look < 300 && last !== expected; look++) {
    last = await count();
    if (last !== expected) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(last, expected);
}
