// What a client switched on ends safely, also when the client, or the whole gateway, is gone by then.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EventMessage, ReplyMessage, StateMessage } from '../../../shared/messages.js';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import {
  runToEnd,
  startGateway,
  type ExampleConfig,
  type GatewayProcess,
} from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const LAMP = `${ROOT}/device/lamp-1`;
const TANK = `${ROOT}/device/tank-1`;

/** The lamp and the pump of the example, told what is safe; the lamp is written dark at the stop. */
function withEndings({ types }: ExampleConfig): void {
  const { lamp, tank } = types as Record<string, { commands: Record<string, object>; on_stop?: unknown }>;
  if (lamp === undefined || tank === undefined) throw new Error('the example has no lamp or no tank');
  Object.assign(lamp.commands['dim'] ?? {}, { safe: { args: { level: 0 } } });
  lamp.on_stop = [{ command: 'dim', args: { level: 1 } }];
  Object.assign(tank.commands['pump'] ?? {}, { safe: { args: { speed: 0 } }, for: { max: '1h' } });
}

function all<T>(client: TestClient, topic: string): T[] {
  const own = client.received.filter((message) => message.topic === topic);
  return own.map(({ text }) => JSON.parse(text) as T);
}

function reply(client: TestClient, topic: string, what: Partial<ReplyMessage>): Promise<ReplyMessage> {
  const fits = (one: ReplyMessage): boolean =>
    Object.entries(what).every(([key, value]) => one[key as keyof ReplyMessage] === value);
  return until(`${topic} ${JSON.stringify(what)}`, () => all<ReplyMessage>(client, topic).find(fits), 20_000);
}

async function outside(t: TestContext, url: string, dataDir: string): Promise<GatewayProcess> {
  return startGateway(t, { dataDir, change: withEndings, args: ['--no-broker', '--mqtt', url] });
}

onBothBrokers(
  'a pump told to run for a time stops by itself when its client is long gone',
  async (t, start) => {
    const gateway = await start({ change: withEndings });
    const watcher = await connectClient(t, gateway.mqttUrl);
    await watcher.subscribe(`${TANK}/#`, 1);
    const client = await connectClient(t, gateway.mqttUrl);
    await client.publish(`${TANK}/command/pump`, '{"id":"p1","args":{"speed":60},"for":"1500ms"}', {
      qos: 1,
    });
    await client.mqtt.endAsync(true);
    await reply(watcher, `${TANK}/reply/pump`, { id: 'p1', status: 'done' });
    await reply(watcher, `${TANK}/reply/pump`, { by: 'for', of: 'p1', status: 'done' });
    // What the firmware says of its pin: it ran, and it stands.
    await until('the pump to stand', () => {
      const speeds = all<StateMessage>(watcher, `${TANK}/state`).map(({ values }) => values['pump']);
      return speeds.includes(60) && speeds.at(-1) === 0;
    });
    // Who switched it off, and why, is on record behind who switched it on.
    const { output } = await runToEnd(t, ['logbook', 'tank-1', '--commands', '--data', gateway.dataDir]);
    const byItself =
      / {2}pump {"speed":60} {2,}done, by .*\n.* {2}pump {"speed":0} {2,}done, by the gateway \(for after p1\)$/m;
    assert.match(output, byItself);
  },
);

onBothBrokers(
  'an orderly stop makes the on_stop writes and ends what has a time; both are answered',
  async (t, start) => {
    const gateway = await start({ change: withEndings });
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe(`${ROOT}/device/+/reply/+`, 1);
    await client.publish(`${TANK}/command/pump`, '{"id":"p1","args":{"speed":60},"for":"1h"}', { qos: 1 });
    await reply(client, `${TANK}/reply/pump`, { id: 'p1', status: 'done' });
    assert.equal(await gateway.end('SIGTERM'), 0);
    await reply(client, `${TANK}/reply/pump`, { by: 'on_stop', of: 'p1', status: 'done' });
    const dim = await reply(client, `${LAMP}/reply/dim`, { by: 'on_stop', status: 'done' });
    assert.deepEqual(dim.data, { level: 1 });
  },
);

test(
  'kill -9: whatever was acknowledged as on is named by the next process and made safe',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t);
    const dataDir = await temporaryFolder(t);
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(`${ROOT}/#`, 1);
    for (let round = 0; round < 3; round += 1) {
      const gateway = await outside(t, mosquitto.url, dataDir);
      const [lamp, pump] = [`lamp-${String(round)}`, `pump-${String(round)}`];
      await client.publish(`${LAMP}/command/dim`, `{"id":"${lamp}","args":{"level":200}}`, { qos: 1 });
      await client.publish(`${TANK}/command/pump`, `{"id":"${pump}","args":{"speed":60},"for":"1h"}`, {
        qos: 1,
      });
      // The lamp's answer is in; the pump is somewhere on its way.
      await reply(client, `${LAMP}/reply/dim`, { id: lamp, status: 'done' });
      await gateway.end('SIGKILL');
      const pumpRan = all<ReplyMessage>(client, `${TANK}/reply/pump`).some(({ id }) => id === pump);

      const next = await outside(t, mosquitto.url, dataDir);
      await reply(client, `${LAMP}/reply/dim`, { by: 'crash', of: lamp, status: 'done' });
      if (pumpRan) await reply(client, `${TANK}/reply/pump`, { by: 'crash', of: pump, status: 'done' });
      const named = all<EventMessage>(client, `${ROOT}/event`).filter(
        ({ type }) => type === 'output.left_on',
      );
      assert.ok(
        named.some(({ message }) => message?.includes(`command ${lamp} `)),
        JSON.stringify(named),
      );
      assert.match(next.output(), /lamp-1\/dim was left on by a process that ended/);
      assert.equal(await next.end('SIGTERM'), 0);
    }
    const last = await outside(t, mosquitto.url, dataDir);
    assert.doesNotMatch(last.output(), /was left on/, 'what was made safe is named again');
  },
);
