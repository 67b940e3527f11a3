// Somebody without MQTT: commands and history over plain HTTP.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { ReplyMessage } from '../../shared/messages.js';
import type { Sample } from '../../shared/sample.js';
import { onBothBrokers } from '../support/mqtt/both-brokers.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { untilAsync } from '../support/waiting.js';

const DIM = 'api/device/lamp-1/command/dim';

onBothBrokers(
  'a command over HTTP reaches the firmware, and its answer is the response and the reply topic’s',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe('iot/greenhouse/device/lamp-1/#', 1);
    const response = await fetch(`${gateway.pageUrl}${DIM}`, {
      method: 'POST',
      body: '{"id":"w1","args":{"level":99}}',
    });
    const reply = (await response.json()) as ReplyMessage;
    assert.deepEqual([response.status, reply.id, reply.status], [200, 'w1', 'done']);
    const published = await client.message('iot/greenhouse/device/lamp-1/reply/dim');
    assert.deepEqual(JSON.parse(published.text), reply);
    const again = await fetch(`${gateway.pageUrl}${DIM}`, {
      method: 'POST',
      body: '{"args":{"level":99},"id":"w1"}',
    });
    assert.deepEqual([again.status, await again.json()], [200, { ...reply, repeated: true }]);
    const other = await fetch(`${gateway.pageUrl}${DIM}`, {
      method: 'POST',
      body: '{"id":"w1","args":{"level":1}}',
    });
    const { id, status, error } = (await other.json()) as ReplyMessage;
    assert.deepEqual([other.status, id, status, error?.code], [409, 'w1', 'rejected', 'reused_id']);
    const bare = await fetch(`${gateway.pageUrl}${DIM}`, { method: 'POST', body: '42' });
    assert.equal(bare.status, 200);
  },
);

onBothBrokers('history over HTTP has what the telemetry topic had', async (t, start) => {
  const gateway = await start();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/device/lamp-1/telemetry', 1);
  const seen = JSON.parse((await client.message('iot/greenhouse/device/lamp-1/telemetry')).text) as Sample;
  const response = await fetch(`${gateway.pageUrl}api/history?device=lamp-1&last=10m&limit=100`);
  const { samples } = (await response.json()) as { samples: Sample[] };
  assert.deepEqual(samples.find(({ seq }) => seq === seen.seq)?.values, seen.values);
});

onBothBrokers('the devices over HTTP are what their retained topics say', async (t, start) => {
  const gateway = await start();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/device/#', 1);
  // It was read, and is set to what stays.
  await fetch(`${gateway.pageUrl}${DIM}`, { method: 'POST', body: '42' });
  const topics = ['meta', 'availability', 'state'];
  const said = (): unknown => {
    const newest = topics.map((topic) => {
      const of = ({ topic: full }: { topic: string }): boolean => full.endsWith(`/lamp-1/${topic}`);
      return [topic, JSON.parse(client.received.findLast(of)?.text ?? 'null')] as const;
    });
    return { id: 'lamp-1', ...Object.fromEntries(newest) };
  };
  await untilAsync('one moment of both', async () => {
    const answer: unknown = await (await fetch(`${gateway.pageUrl}api/devices/lamp-1`)).json();
    return isDeepStrictEqual(answer, said()) && JSON.stringify(answer).includes('"online"');
  });
  const all = (await (await fetch(`${gateway.pageUrl}api/devices`)).json()) as { devices: { id: string }[] };
  assert.deepEqual(
    all.devices.map(({ id }) => id),
    ['tank-1', 'tank-2', 'climate-1', 'lamp-1'],
  );
});

test('the schema that info points to describes the configuration', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/info');
  const { text } = await client.message('iot/greenhouse/info');
  const { schemas } = JSON.parse(text) as { schemas: { config: string } };
  const schema = (await (await fetch(new URL(schemas.config, gateway.pageUrl))).json()) as {
    required: string[];
  };
  assert.ok(schema.required.includes('devices'));
});

test('what is wrong is answered with a status and a code', async (t) => {
  const { pageUrl } = await startGateway(t);
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${pageUrl}${path}`, { method: 'POST', body });
  for (const [response, status, code] of [
    [await post(DIM, '{"args":{"level":300}}'), 422, 'bad_argument'],
    [await post(DIM, '{'), 400, 'bad_json'],
    [await post(DIM, 'x'.repeat(100_000)), 413, 'too_large'],
    [await post('api/device/nobody/command/dim', '1'), 404, 'unknown_device'],
    [await post('api/device/lamp-1/command/fly', '1'), 404, 'unknown_command'],
    [await post('api/device/%E0%A4%A/command/dim', '1'), 400, 'bad_payload'],
    [await fetch(`${pageUrl}api/devices/lamp1`), 404, 'unknown_device'],
    [await post('api/nonsense', ''), 404, 'unknown_request'],
    [await fetch(`${pageUrl}${DIM}`), 404, 'unknown_request'],
    [await fetch(`${pageUrl}api/history?device=lamp-1&last=soon`), 400, 'bad_payload'],
    [await fetch(`${pageUrl}api/history?device=lamp-1&limit=x`), 400, 'bad_payload'],
  ] as const) {
    const { error } = (await response.json()) as { error: { code: string } };
    assert.deepEqual([response.status, error.code], [status, code]);
  }
});

test('a page from elsewhere can’t command through a visitor’s browser', async (t) => {
  const { pageUrl } = await startGateway(t);
  const call = request(`${pageUrl}${DIM}`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example' },
  });
  call.end('255');
  const [response] = (await once(call, 'response')) as [{ statusCode: number }];
  assert.equal(response.statusCode, 403);
});
