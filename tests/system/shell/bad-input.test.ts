// Whatever is published: it is answered or dropped by name, and the gateway goes on.
import assert from 'node:assert/strict';
import type { ReplyMessage, ResponseMessage } from '../../../shared/messages.js';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const PAYLOADS: readonly (readonly [string, string])[] = [
  ['{', 'bad_json'],
  ['\u0000\u0001', 'bad_json'],
  ['{"__proto__":{"x":1}}', 'bad_payload'],
  ['{"args":{"constructor":1}}', 'unknown_argument'],
  ['[]', 'bad_payload'],
  ['null', 'bad_payload'],
  ['{"id":{},"args":{}}', 'bad_payload'],
  ['x'.repeat(1024 * 1024), 'too_large'],
  [`{"args":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'bad_payload'],
  ['1e400', 'bad_argument'],
];

onBothBrokers(
  'every bad command is answered with its code, and a good one after them is done',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    const reply = `${ROOT}/device/lamp-1/reply/dim`;
    await client.subscribe(reply, 1);
    for (const [payload, code] of PAYLOADS) {
      client.received.length = 0;
      await client.publish(`${ROOT}/device/lamp-1/command/dim`, payload, { qos: 1 });
      const answer = JSON.parse((await client.message(reply)).text) as ReplyMessage;
      assert.deepEqual([answer.status, answer.error?.code], ['rejected', code], payload.slice(0, 40));
      assert.ok((answer.error?.message.length ?? 0) < 600);
    }
    client.received.length = 0;
    await client.publish(`${ROOT}/device/lamp-1/command/dim`, '1', { qos: 1 });
    assert.match((await client.message(reply)).text, /"status":"done"/);
  },
);

onBothBrokers(
  'bad telemetry of a client is set aside by name, and its good telemetry is recorded',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    const topic = `${ROOT}/device/station/telemetry`;
    for (const payload of [
      '',
      '{',
      '21.5',
      '{"values":{"a":{}}}',
      '{"values":{"a":1},"ts":"now"}',
      '{"ts":1}',
      '{"values":{"a":1,"__proto__":2}}',
    ]) {
      await client.publish(topic, payload, { qos: 1 });
    }
    await client.publish(topic, '{"values":{"a":1}}', { qos: 1 });
    await client.subscribe(`${ROOT}/response/history`, 1);
    await client.publish(`${ROOT}/request/history`, '{"device":"station"}', { qos: 1 });
    const response = JSON.parse((await client.message(`${ROOT}/response/history`)).text) as ResponseMessage;
    assert.ok(response.status === 'ok');
    const { samples } = response.data as { samples: { values: unknown }[] };
    assert.deepEqual(
      samples.map(({ values }) => values),
      [{ a: 1 }],
    );
    await until(
      'seven lines',
      () => gateway.output().split('telemetry that is no sample is kept as a dead letter').length === 8,
    );
  },
);

onBothBrokers('requests that are none are answered', async (t, start) => {
  const gateway = await start();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}/response/+`, 1);
  for (const [op, payload, code] of [
    ['nonsense', '{}', 'unknown_request'],
    ['history', '{', 'bad_json'],
    ['history', '{}', 'bad_payload'],
    ['history', '{"device":"lamp-1","limit":1000000}', 'bad_payload'],
    ['log_level', '{"level":"loud"}', 'bad_payload'],
    ['simulate', '{"device":"nobody","plugged":false}', 'unknown_device'],
  ] as const) {
    client.received.length = 0;
    await client.publish(`${ROOT}/request/${op}`, payload, { qos: 1 });
    const response = JSON.parse((await client.message(`${ROOT}/response/${op}`)).text) as ResponseMessage;
    assert.ok(response.status === 'error');
    assert.equal(response.error.code, code);
  }
});
