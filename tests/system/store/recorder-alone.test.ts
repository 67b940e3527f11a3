// A recorder alone at somebody else's broker, for one gateway or for many: `--only recorder --mqtt URL`.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { HistoryAnswer } from '../../../bridge/history/history.js';
import { identityOf, type RecordedSample, type Sample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { startByConf } from '../../support/mqtt/mosquitto-conf.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { startRecorder } from '../../support/recorder-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const KILLS = 2;
const skip = withoutMosquitto;

async function send(client: TestClient, gateway: string, sample: object): Promise<void> {
  await client.publish(`iot/${gateway}/device/wind/telemetry`, JSON.stringify(sample), { qos: 1 });
}

/** What the data folder has of a device: the outbox's and the history's. */
async function recorded(t: TestContext, dataDir: string, device = 'wind'): Promise<RecordedSample[]> {
  const words = ['history', device, '--last', '1h', '--limit', '10000', '--format', 'jsonl'];
  return printed(t, [...words, '--data', dataDir]);
}

async function printed(t: TestContext, words: readonly string[]): Promise<RecordedSample[]> {
  const { output } = await runToEnd(t, words);
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as RecordedSample);
}

/** Until the health topic says that so many samples were taken since its start. */
async function taken(client: TestClient, name: string, accepted: number): Promise<void> {
  const topic = `iot/${name}/health`;
  await client.subscribe(topic);
  const enough = (text: string): boolean =>
    (JSON.parse(text) as { recorder: { accepted: number } }).recorder.accepted >= accepted;
  await until(
    `${String(accepted)} samples to be taken`,
    () => client.received.some((message) => message.topic === topic && enough(message.text)),
    30_000,
  );
}

test(
  'kill -9 of the recorder while others publish: all that the broker took is recorded, once',
  { skip },
  async (t) => {
    const { url } = await startByConf(t);
    const dataDir = await temporaryFolder(t);
    const client = await connectClient(t, url);
    const sent: string[] = [];
    let seq = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      const recorder = await startRecorder(t, url, { dataDir });
      const publishing = Array.from({ length: 200 }, async () => {
        const sample = { ts: Date.now(), boot: 'b1', seq: seq++, values: { wind: 1 } };
        await send(client, 'roof', sample);
        sent.push(identityOf({ ...sample, device: 'wind' }));
      });
      const enough = sent.length + 1 + Math.floor(Math.random() * 150);
      await until('acknowledgements', () => sent.length >= enough);
      if (kill < KILLS) await recorder.end('SIGKILL');
      await Promise.all(publishing);
      if (kill < KILLS) continue;
      let stored: string[] = [];
      for (let look = 0; look < 30 && stored.length < sent.length; look++)
        stored = (await recorded(t, dataDir)).map(identityOf);
      assert.deepEqual([...stored].sort(), [...sent].sort());
    }
  },
);

test(
  'a recorder that was away gets what Mosquitto kept for it, and no other sample twice',
  { skip },
  async (t) => {
    const { url } = await startMosquitto(t);
    const client = await connectClient(t, url);
    const first = await startRecorder(t, url);
    const subscribed = taken(client, first.name, 1);
    const sample = { isTaken: false };
    const end = (): void => {
      sample.isTaken = true;
    };
    subscribed.then(end, end);
    // Before its first subscription nothing is kept for it. From then on Mosquitto keeps what comes.
    while (!sample.isTaken) {
      await send(client, 'roof', { boot: 'b', seq: 0, values: { wind: 0 } });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await subscribed;
    assert.equal(await first.end('SIGTERM'), 0);
    for (const seq of [1, 2]) await send(client, 'roof', { boot: 'b', seq, values: { wind: seq } });
    const second = await startRecorder(t, url, { dataDir: first.dataDir });
    assert.equal(second.name, first.name);
    await taken(client, second.name, 2);
    assert.deepEqual(
      (await recorded(t, first.dataDir)).map(({ seq, gateway }) => [seq, gateway]),
      [0, 1, 2].map((seq) => [seq, 'roof']),
    );
  },
);

test(
  'retained telemetry is not recorded again at every start, with an identity or without',
  { skip },
  async (t) => {
    const { url } = await startMosquitto(t);
    const client = await connectClient(t, url);
    const retain = { qos: 1, retain: true } as const;
    await client.publish(
      'iot/roof/device/wind/telemetry',
      '{"boot":"b","seq":7,"values":{"wind":3}}',
      retain,
    );
    await client.publish('iot/barn/device/wind/telemetry', '{"values":{"wind":4}}', retain);
    // A second session that does not know the first's: the broker replays to both.
    const first = await startRecorder(t, url);
    await taken(client, first.name, 1);
    await first.end('SIGTERM');
    await writeFile(join(first.dataDir, 'recorder-id'), 'renamed\n');
    const second = await startRecorder(t, url, { dataDir: first.dataDir });
    assert.equal(second.name, 'recorder-renamed');
    await taken(client, second.name, 1);
    assert.deepEqual(
      (await recorded(t, first.dataDir)).map(({ gateway, boot, seq }) => [gateway, boot, seq]),
      [['roof', 'b', 7]],
    );
  },
);

test(
  'beside a gateway it records what that one measures, under its name, and tells of itself under its own',
  { skip },
  async (t) => {
    const { url } = await startMosquitto(t);
    const client = await connectClient(t, url);
    const recorder = await startRecorder(t, url);
    await client.subscribe('iot/+/status', 1);
    await client.subscribe('iot/greenhouse/device/tank-1/telemetry', 1);
    const gateway = await startGateway(t, { args: ['--no-broker', '--mqtt', url] });
    const samples = (): Sample[] =>
      client.received
        .filter(({ topic }) => topic.endsWith('/telemetry'))
        .map(({ text }) => JSON.parse(text) as Sample);
    await until('three samples', () => samples().length >= 3);
    assert.equal(await gateway.end('SIGTERM'), 0);
    const seen = samples().map((sample) => identityOf({ ...sample, device: 'tank-1' }));
    await taken(client, recorder.name, seen.length);
    assert.equal(await recorder.end('SIGTERM'), 0);
    const stored = await recorded(t, recorder.dataDir, 'tank-1');
    assert.deepEqual(stored.map(identityOf), seen);
    assert.deepEqual([...new Set(stored.map((sample) => sample.gateway))], ['greenhouse']);
    const statuses = client.received.filter(({ topic }) => topic === `iot/${recorder.name}/status`);
    assert.deepEqual(
      statuses.map(({ text }) => (JSON.parse(text) as { state: string }).state).at(-1),
      'offline',
    );
    const words = ['logbook', '--events', '--json', '--data', recorder.dataDir];
    const { output } = await runToEnd(t, words);
    assert.match(output, /"gateway":"greenhouse","name":"device.online","device":"tank-1"/);
  },
);

test('with recorder.gateways it keeps its share, under the name that it was given', { skip }, async (t) => {
  const { url } = await startMosquitto(t);
  const client = await connectClient(t, url);
  const file = join(await temporaryFolder(t), 'recorder.yaml');
  await writeFile(file, 'recorder: { name: centre, gateways: [roof, barn] }\n');
  // Before, everything was its share: the session of its data folder brings the rest still.
  const before = await startRecorder(t, url);
  assert.equal(await before.end('SIGTERM'), 0);
  const recorder = await startRecorder(t, url, { args: ['--config', file], dataDir: before.dataDir });
  assert.equal(recorder.name, 'centre');
  for (const [seq, gateway] of ['roof', 'cellar', 'barn'].entries())
    await send(client, gateway, { boot: 'b', seq, values: { wind: 1 } });
  await taken(client, 'centre', 2);
  assert.deepEqual(
    (await recorded(t, recorder.dataDir)).map(({ gateway, seq }) => [gateway, seq]),
    [
      ['roof', 0],
      ['barn', 2],
    ],
  );
  const info = client.received.length;
  await client.subscribe('iot/centre/info');
  await until('info', () => client.received.length > info);
  const { recorder: told } = JSON.parse(client.received.at(-1)?.text ?? '') as { recorder: object };
  assert.deepEqual(told, { store: 'local', keepMs: 30 * 86_400_000, gateways: ['roof', 'barn'] });

  // Both have a device of this id: one of them can be asked for.
  const data = ['--gateway', 'barn', '--data', recorder.dataDir];
  for (const words of [
    ['history', 'wind', '--format', 'jsonl', ...data],
    ['export', 'wind', ...data],
  ])
    assert.deepEqual(
      (await printed(t, words)).map(({ seq }) => seq),
      [2],
    );
  await client.subscribe('iot/centre/response/history');
  await client.publish('iot/centre/request/history', '{"id":"h","device":"wind","gateway":"roof"}', {
    qos: 1,
  });
  const { text } = await client.message('iot/centre/response/history');
  const { data: answer } = JSON.parse(text) as { data: HistoryAnswer };
  assert.deepEqual([answer.gateway, answer.samples.map(({ seq }) => seq)], ['roof', [0]]);
});
