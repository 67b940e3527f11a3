// Somebody else's broker: the same gateway, the same topics, by the same code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplyMessage } from '../../../shared/messages.js';
import { identityOf, type RecordedSample, type Sample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const LAMP = `${ROOT}/device/lamp-1`;

test(
  'a command through Mosquitto reaches the firmware, and what was seen there is recorded',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t);
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(`${ROOT}/#`, 1);
    const gateway = await startGateway(t, { args: ['--no-broker', '--mqtt', mosquitto.url] });
    assert.equal(gateway.mqttUrl, mosquitto.url);
    await client.message(`${LAMP}/availability`);
    await client.publish(`${LAMP}/command/dim`, '{"id":"m1","args":{"level":200}}', { qos: 1 });
    const reply = JSON.parse((await client.message(`${LAMP}/reply/dim`)).text) as ReplyMessage;
    assert.deepEqual([reply.id, reply.status], ['m1', 'done']);
    const samples = (): Sample[] =>
      client.received
        .filter(({ topic }) => topic === `${LAMP}/telemetry`)
        .map(({ text }) => JSON.parse(text) as Sample);
    await until('a sample that shows it', () => samples().some(({ values }) => values['level'] === 200));
    const seen = samples().map((sample) => identityOf({ ...sample, device: 'lamp-1' }));
    assert.equal(await gateway.end('SIGTERM'), 0);
    await until('status offline', () => client.received.at(-1)?.text.includes('"state":"offline"'));
    const { output } = await runToEnd(t, [
      'history',
      'lamp-1',
      '--format',
      'jsonl',
      '--data',
      gateway.dataDir,
    ]);
    const stored = output
      .trim()
      .split('\n')
      .map((line) => identityOf(JSON.parse(line) as RecordedSample));
    assert.deepEqual(
      seen.filter((identity) => !stored.includes(identity)),
      [],
    );
    assert.equal(new Set(stored).size, stored.length);
  },
);

test(
  'when the gateway is killed, Mosquitto says offline in its name',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t);
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(`${ROOT}/status`, 1);
    const gateway = await startGateway(t, { args: ['--no-broker', '--mqtt', mosquitto.url] });
    await until('online', () => client.received.at(-1)?.text.includes('"state":"online"'));
    await gateway.end('SIGKILL');
    await until('the will', () => client.received.at(-1)?.text.includes('"state":"offline"'));
  },
);
