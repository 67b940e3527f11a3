// An alarm, from the file to whoever is told: raised by a value, acknowledged, ended behind its hysteresis; and over a kill.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AlarmMessage } from '../../shared/messages.js';
import {
  startGateway,
  type ExampleConfig,
  type GatewayProcess,
  type GatewaySettings,
} from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { until, untilAsync } from '../support/waiting.js';

const ROOT = 'iot/greenhouse/';
const BRIGHT = 'lamp-1/alarm/bright';
const WARM = 'climate-1/alarm/warm';

/** The lamp is bright where it is told to be; it is warm for ever; and a phone is told. */
function change({ devices, ...config }: ExampleConfig, phone: string): ExampleConfig {
  const bright = {
    field: 'level',
    above: 100,
    hysteresis: 20,
    severity: 'critical',
    message: 'Too bright: {value}',
  };
  devices['lamp-1'] = { ...devices['lamp-1'], alarms: { bright } };
  devices['climate-1'] = { ...devices['climate-1'], alarms: { warm: { field: 'temperature', above: 5 } } };
  const headers = { Authorization: 'Bearer ${PHONE_TOKEN}' };
  const json = { text: '{message}', of: '{device}/{alarm}', what: '{what}', id: '{id}' };
  return { ...config, devices, alarms: { webhooks: { phone: { url: phone, headers, json } } } };
}

/** What a phone is told, by a server that takes nothing the first time. */
async function phoneServer(t: TestContext): Promise<{ readonly url: string; readonly told: Told[] }> {
  const told: Told[] = [];
  let isAwake = false;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const isKnown = request.headers.authorization === 'Bearer s3cret';
      if (isAwake && isKnown) told.push(JSON.parse(body) as Told);
      response.writeHead(isAwake && isKnown ? 200 : 503).end();
      isAwake = true;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, told };
}

type Told = Readonly<Record<'text' | 'of' | 'what' | 'id', string>>;

class Watcher {
  readonly #client: TestClient;

  constructor(client: TestClient) {
    this.#client = client;
  }

  static async at(t: TestContext, { mqttUrl }: GatewayProcess): Promise<Watcher> {
    const client = await connectClient(t, mqttUrl);
    await client.subscribe(`${ROOT}#`, 1);
    return new Watcher(client);
  }

  /** Waits for that state of an alarm. */
  alarm(place: string, is: (message: AlarmMessage) => boolean): Promise<AlarmMessage> {
    return until(`${place}, of ${this.#texts(`device/${place}`).join('\n')}`, () =>
      this.#texts(`device/${place}`)
        .map((text) => JSON.parse(text) as AlarmMessage)
        .slice(-1)
        .find(is),
    );
  }

  event(type: string, alarm: string): Promise<Readonly<Record<string, unknown>>> {
    return until(`the event ${type}`, () => this.events(type, alarm)[0]);
  }

  events(type: string, alarm: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#texts('event')
      .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>)
      .filter((event) => event['type'] === type && event['alarm'] === alarm);
  }

  async ask(op: string, data: object): Promise<unknown> {
    const id = `${op}-${String(performance.now())}`;
    await this.#client.publish(`${ROOT}request/${op}`, JSON.stringify({ id, ...data }), { qos: 1 });
    return until(`the answer to ${op}`, () => {
      const answers = this.#texts(`response/${op}`).map(
        (text) => JSON.parse(text) as Readonly<Record<string, unknown>>,
      );
      return answers.find((answer) => answer['id'] === id);
    });
  }

  /** Waits until the lamp is read as this bright. */
  async dim(level: number): Promise<void> {
    await this.#client.publish(`${ROOT}device/lamp-1/command/dim`, String(level), { qos: 1 });
    await until(`a level of ${String(level)}`, () =>
      this.#texts('device/lamp-1/state')
        .at(-1)
        ?.includes(`"level":${String(level)},`),
    );
  }

  #texts(topic: string): readonly string[] {
    return this.#client.received.filter((message) => message.topic === ROOT + topic).map(({ text }) => text);
  }
}

test('raised by a value, acknowledged, ended behind its hysteresis, and the same alarm after a kill', async (t) => {
  const phone = await phoneServer(t);
  const settings: GatewaySettings = {
    env: { PHONE_TOKEN: 's3cret' },
    change: (config) => {
      Object.assign(config, change(config, phone.url));
    },
  };
  const first = await startGateway(t, settings);
  const watcher = await Watcher.at(t, first);
  const warm = await watcher.alarm(WARM, ({ state }) => state === 'raised');
  assert.match(warm.message ?? '', /^Under the roof: Air temperature is [\d.]+ °C, above 5 °C\.$/);
  await watcher.alarm(BRIGHT, ({ state }) => state === 'clear');

  await watcher.dim(128);
  const { since, ...bright } = await watcher.alarm(BRIGHT, ({ state }) => state === 'raised');
  assert.deepEqual(bright, {
    ...{ state: 'raised', severity: 'critical', kind: 'above', label: 'bright' },
    ...{ field: 'level', limit: '100', value: 128, message: 'Too bright: 128' },
  });
  const raised = await watcher.event('alarm.raised', 'bright');
  assert.deepEqual(raised, {
    ...{ type: 'alarm.raised', ts: since, device: 'lamp-1', alarm: 'bright', severity: 'critical' },
    ...{ message: 'Too bright: 128', value: 128 },
  });

  await watcher.dim(90);
  await watcher.alarm(BRIGHT, ({ state }) => state === 'raised');
  await watcher.dim(80);
  await watcher.alarm(BRIGHT, ({ state, value }) => state === 'clear' && value === undefined);
  assert.match(
    String((await watcher.event('alarm.cleared', 'bright'))['message']),
    /is 80, no longer above 100\.$/,
  );

  const known = await acknowledged(watcher);
  const metrics = await (await fetch(`${first.pageUrl}metrics`)).text();
  assert.match(
    metrics,
    /^i2c_mqtt_gateway_alarm_raised\{severity="warning",device="climate-1",alarm="warm"\} [01]$/m,
  );

  await watcher.dim(128);
  await watcher.alarm(BRIGHT, ({ state }) => state === 'raised');
  // Answered when it is on the disk.
  await watcher.ask('acknowledge', { device: 'lamp-1', alarm: 'bright' });
  // All are told, and that is written down.
  const file = join(first.dataDir, 'alarms.json');
  await untilAsync('nobody to wait', async () =>
    (await readFile(file, 'utf8')).includes('"notices":{"phone":[]}'),
  );
  await first.end('SIGKILL');

  await sameBehindTheKill(t, { ...settings, dataDir: first.dataDir }, known);
  await until('the phone to be told of the end', () => phone.told.length === 5);
  assert.deepEqual(
    phone.told.map(({ of, what }) => `${of} ${what}`),
    [
      'climate-1/warm raised',
      ...['raised', 'cleared', 'raised', 'cleared'].map((what) => `lamp-1/bright ${what}`),
    ],
  );
  assert.equal(new Set(phone.told.map(({ id }) => id)).size, 5);
  assert.equal(phone.told[1]?.text, 'Too bright: 128');
});

async function sameBehindTheKill(
  t: TestContext,
  settings: GatewaySettings,
  known: AlarmMessage,
): Promise<void> {
  const second = await startGateway(t, settings);
  const later = await Watcher.at(t, second);
  // The simulated lamp has forgotten that it was bright, which is no news of the kind that it is.
  await later.alarm(BRIGHT, ({ state }) => state === 'clear');
  assert.deepEqual(await later.alarm(WARM, () => true), known);
  const log = JSON.stringify(await later.ask('logbook', { kind: 'event', last: '1h' }));
  const count = (text: string): number => log.split(text).length - 1;
  assert.equal(count('"name":"alarm.raised","device":"climate-1"'), 1, log);
  assert.equal(count('"name":"alarm.raised","device":"lamp-1"'), 2, log);
  assert.equal(count('"name":"alarm.cleared","device":"lamp-1"'), 2, log);
  assert.equal(count('"name":"alarm.acknowledged"'), 2, log);
  assert.deepEqual(later.events('alarm.raised', 'warm'), []);
}

/** The warm one is, by name; what is over or not there can't be. */
async function acknowledged(watcher: Watcher): Promise<AlarmMessage> {
  const answer = await watcher.ask('acknowledge', {
    device: 'climate-1',
    alarm: 'warm',
    by: 'anna',
    note: 'it is summer',
  });
  assert.match(
    JSON.stringify(answer),
    /"status":"ok","data":\{"device":"climate-1","alarm":"warm","isRaised":true,"acknowledged":\{"by":"anna"/,
  );
  const known = await watcher.alarm(WARM, ({ acknowledged }) => acknowledged !== undefined);
  assert.deepEqual([known.acknowledged?.by, known.acknowledged?.note], ['anna', 'it is summer']);
  assert.match(
    JSON.stringify(await watcher.ask('acknowledge', { device: 'lamp-1', alarm: 'bright' })),
    /"isRaised":false/,
  );
  assert.match(
    JSON.stringify(await watcher.ask('acknowledge', { device: 'lamp-1', alarm: 'dark' })),
    /"unknown_alarm"/,
  );
  return known;
}
