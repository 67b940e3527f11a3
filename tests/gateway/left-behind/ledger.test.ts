// What left the configuration, the broker or the name is cleared at a real broker; what is another's is not.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseBrokerUrl } from '../../../gateway/broker/outside/link/broker-url.js';
import { KnownBoots } from '../../../gateway/broker/outside/rivals/known-boots.js';
import { OutsideBroker } from '../../../gateway/broker/outside/broker.js';
import { RetainedLedger } from '../../../gateway/left-behind/ledger.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { encodeJson } from '../../../shared/messages.js';
import { Topics } from '../../../shared/topics.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { RecordingLog } from '../../support/recording-log.js';
import { retainedBelow } from '../../support/mqtt/retained-topics.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until, untilAsync } from '../../support/waiting.js';

let boots = 0;

interface Run {
  readonly log: RecordingLog;
  readonly topics: Topics;
  /** Without a word, as a kill ends it. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

interface Said {
  readonly url: string;
  readonly folder: string;
  readonly gateway?: string;
  /** Device → shape of its state. */
  readonly devices: Readonly<Record<string, string>>;
}

/** A gateway's ledger at its connection, with the retained topics that a gateway would say. */
async function run(t: TestContext, { url, folder, gateway = 'greenhouse', devices }: Said): Promise<Run> {
  const [topics, clock, log] = [new Topics('iot', gateway), new SystemClock(), new RecordingLog()];
  const boot = `boot-${String(++boots)}`;
  const status = (state: string) => () => encodeJson({ state, boot, ts: clock.now() });
  const broker = new OutsideBroker({
    ...{ url, log, clock, clientId: `gateway-${gateway}` },
    status: { topic: topics.status, online: status('online'), offline: status('offline') },
    retry: { firstMs: 10, mostMs: 100 },
  });
  const ledger = new RetainedLedger({
    ...{
      topics,
      clock,
      log,
      boots: new KnownBoots(boot),
      bus: broker,
      dataDir: folder,
      url: parseBrokerUrl(url),
    },
    devices: () => Object.keys(devices),
    expected: () => [
      { topic: topics.status, shape: '' },
      ...Object.entries(devices).flatMap(([id, shape]) => [
        { topic: topics.availability(id), shape: '' },
        { topic: topics.state(id), shape },
      ]),
    ],
  });
  let ended = false;
  const end = async (inOrder: boolean): Promise<void> => {
    if (ended) return;
    ended = true;
    if (inOrder) await ledger.stop();
    await broker.stop();
  };
  t.after(() => end(true));
  await broker.start();
  await ledger.start();
  await broker.door.start();
  for (const [id, shape] of Object.entries(devices)) {
    const say = (topic: string, what: object): Promise<void> =>
      broker.publish({ topic, payload: encodeJson(what), qos: 1, retain: true });
    await say(topics.availability(id), { state: 'online' });
    if (shape !== 'never read') await say(topics.state(id), { shape });
  }
  return { log, topics, cut: () => end(false), stop: () => end(true) };
}

/** Below `iot`: the topics, without `status` of their gateways. */
async function devicesAt(url: string): Promise<string[]> {
  const topics = [...(await retainedBelow(url, 'iot')).keys()];
  return topics
    .filter((topic) => !topic.endsWith('/status'))
    .map((topic) => topic.replace('iot/', ''))
    .sort();
}

const untilThere = (url: string, topics: readonly string[]): Promise<void> =>
  untilAsync(topics.join(), async () => (await devicesAt(url)).join() === topics.join());

const of = (gateway: string, ...devices: string[]): string[] =>
  devices.flatMap((device) => ['availability', 'state'].map((kind) => `${gateway}/device/${device}/${kind}`));

void describe('what a gateway retained before', { skip: withoutMosquitto }, () => {
  here();
  elsewhere();
});

function here(): void {
  void test('is cleared where the device is gone or its fields are others, after a kill as well', async (t) => {
    const { url } = await startMosquitto(t);
    const folder = await temporaryFolder(t);
    const first = await run(t, { url, folder, devices: { a: 'x', b: 'x', c: 'x,y' } });
    await first.cut();
    assert.deepEqual(await devicesAt(url), of('greenhouse', 'a', 'b', 'c'));
    await run(t, { url, folder, devices: { a: 'x', c: 'never read' } });
    await untilThere(url, [...of('greenhouse', 'a'), 'greenhouse/device/c/availability']);
  });

  void test('is known again at the next start where the broker was away when it should have been cleared', async (t) => {
    const mosquitto = await startMosquitto(t);
    const { url } = mosquitto;
    const folder = await temporaryFolder(t);
    await (await run(t, { url, folder, devices: { a: 'x', b: 'x' } })).stop();
    await mosquitto.stop();
    await (await run(t, { url, folder, devices: {} })).stop();
    await mosquitto.start();
    await run(t, { url, folder, devices: {} });
    await untilThere(url, []);
  });

  void test('is of no device said to be online when the gateway has stopped, or was killed and starts', async (t) => {
    const { url } = await startMosquitto(t);
    const folder = await temporaryFolder(t);
    const client = await connectClient(t, url);
    await client.subscribe('iot/+/device/a/availability', 1);
    const reasons = (): unknown[] =>
      client.received.map(
        ({ text }) => (JSON.parse(text) as { reason?: string; state: string }).reason ?? 'none',
      );
    const stop = ['none', 'gateway_stopped'];
    await (await run(t, { url, folder, devices: { a: 'x' } })).stop();
    await until('it to be said', () => reasons().length === 2);
    await (await run(t, { url, folder, devices: { a: 'x' } })).cut();
    await (await run(t, { url, folder, devices: { a: 'x' } })).stop();
    await until('it to be said again', () => reasons().length === 6);
    assert.deepEqual(reasons(), [...stop, 'none', 'gateway_stopped', 'none', 'gateway_stopped']);
  });

  void test('is forgotten where its file is damaged, and that is said', async (t) => {
    const { url } = await startMosquitto(t);
    const folder = await temporaryFolder(t);
    await (await run(t, { url, folder, devices: { a: 'x' } })).stop();
    const file = join(folder, 'retained.json');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
    const { log } = await run(t, { url, folder, devices: { b: 'x' } });
    assert.ok(log.lines.some(({ message }) => message.includes('its file cannot be read')));
    await untilThere(url, of('greenhouse', 'a', 'b'));
  });
}

function elsewhere(): void {
  void test('is cleared at the broker that was used before, and nothing of others there', async (t) => {
    const [old, next] = [await startMosquitto(t), await startMosquitto(t)];
    const folder = await temporaryFolder(t);
    await (await run(t, { url: old.url, folder, devices: { a: 'x' } })).cut();
    const neighbour = await connectClient(t, old.url);
    await neighbour.publish('iot/greenhouse/device/mine/state', 'stays', { qos: 1, retain: true });
    await run(t, { url: next.url, folder, devices: { a: 'x' } });
    await untilThere(old.url, ['greenhouse/device/mine/state']);
    assert.equal((await retainedBelow(old.url, 'iot')).size, 1);
    await untilThere(next.url, of('greenhouse', 'a'));
  });

  void test('stays where the broker is the same under another address, but for what is gone', async (t) => {
    const { url } = await startMosquitto(t);
    const folder = await temporaryFolder(t);
    await (await run(t, { url, folder, devices: { a: 'x', b: 'x' } })).stop();
    const other = url.replace('127.0.0.1', 'localhost');
    const { log } = await run(t, { url: other, folder, devices: { a: 'x' } });
    await until('it to be over', () => log.lines.some(({ message }) => message.includes('was cleared')));
    assert.deepEqual(await devicesAt(url), of('greenhouse', 'a'));
  });

  void test('is cleared under the old name, but not where another gateway has that name now', async (t) => {
    const { url } = await startMosquitto(t);
    const [folder, another] = [await temporaryFolder(t), await temporaryFolder(t)];
    await (await run(t, { url, folder, devices: { a: 'x' } })).stop();
    const renamed = await run(t, { url, folder, gateway: 'barn', devices: { a: 'x' } });
    await untilThere(url, of('barn', 'a'));
    await renamed.stop();
    await run(t, { url, folder: another, gateway: 'barn', devices: { a: 'x' } });
    const { log } = await run(t, { url, folder, gateway: 'shed', devices: { a: 'x' } });
    await until('it to be said', () =>
      log.lines.some(({ message }) => message.includes('another gateway has')),
    );
    assert.deepEqual(await devicesAt(url), of('barn', 'a').concat(of('shed', 'a')));
  });

  void test('is named in the log where that broker is not reached, and cleared when it is', async (t) => {
    const [old, next] = [await startMosquitto(t), await startMosquitto(t)];
    const folder = await temporaryFolder(t);
    await (await run(t, { url: old.url, folder, devices: { a: 'x' } })).stop();
    await old.stop();
    const second = await run(t, { url: next.url, folder, devices: { a: 'x' } });
    const sentence = `what this gateway retained at ${old.url}`;
    await until(
      'the sentence',
      () => second.log.lines.some(({ message }) => message.includes(sentence)),
      60_000,
    );
    await second.stop();
    await old.start();
    await run(t, { url: next.url, folder, devices: { a: 'x' } });
    await untilThere(old.url, []);
  });

  void test('is remembered with the name, and without the password, that the broker was reached under', async (t) => {
    const [old, next] = [await startMosquitto(t), await startMosquitto(t)];
    const folder = await temporaryFolder(t);
    await (await run(t, { url: old.url, folder, devices: { a: 'x' } })).stop();
    const kept = await readFile(join(folder, 'retained.json'), 'utf8');
    const withUser = next.url.replace('//', '//anna:secret@');
    await (await run(t, { url: withUser, folder, devices: {} })).stop();
    await untilThere(old.url, []);
    const after = await readFile(join(folder, 'retained.json'), 'utf8');
    assert.doesNotMatch(kept + after, /secret/);
    assert.match(after, /"user":"anna"/);
  });
}
