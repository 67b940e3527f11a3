// What docs/ says of topics and requests, asked of the running example: what is retained, and what can be requested.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOPIC_TABLE } from '../../shared/topic-table.js';
import { read } from '../support/repository.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { until } from '../support/waiting.js';

const ROOT = 'iot/greenhouse/';

/** `device/<d>/value/<field>` of `iot/greenhouse/device/lamp-1/value/level`. */
function inTheTable(topic: string): string | undefined {
  const below = topic.slice(ROOT.length);
  return TOPIC_TABLE.find((row) => new RegExp(`^${row.topic.replaceAll(/<[a-z]+>/g, '[^/]+')}$`).test(below))
    ?.topic;
}

test('exactly what the table of topics calls retained is retained', async (t) => {
  const { mqttUrl } = await startGateway(t);
  const early = await connectClient(t, mqttUrl);
  await early.subscribe(`${ROOT}#`, 1);
  await until('every device to be read', () =>
    ['tank-1', 'tank-2', 'climate-1', 'lamp-1'].every((device) =>
      early.received.some(({ topic }) => topic === `${ROOT}device/${device}/state`),
    ),
  );
  await early.publish(`${ROOT}device/lamp-1/command/dim`, '5', { qos: 1 });
  await early.message(`${ROOT}device/lamp-1/reply/dim`);
  await early.message(`${ROOT}bus/main/health`);
  await early.message(`${ROOT}device/lamp-1/health`);

  const late = await connectClient(t, mqttUrl);
  await late.subscribe(`${ROOT}#`, 1);
  const documented = TOPIC_TABLE.filter(({ retained }) => retained).map(({ topic }) => topic);
  const retained = (): string[] =>
    late.received.filter(({ retain }) => retain).map(({ topic }) => inTheTable(topic) ?? topic);
  await until('everything retained', () => documented.every((topic) => retained().includes(topic)));
  assert.deepEqual([...new Set(retained())].sort(), documented.sort());
  const unknown = early.received.filter(({ topic }) => inTheTable(topic) === undefined);
  assert.deepEqual(unknown, []);
});

test('every request of the table is one', async (t) => {
  const { mqttUrl } = await startGateway(t);
  const client = await connectClient(t, mqttUrl);
  await client.subscribe(`${ROOT}response/+`, 1);
  const rows = [...read('docs/requests.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, op]) => op ?? '');
  const operations = [...new Set(rows)];
  assert.ok(operations.length > 8, operations.join());
  for (const operation of operations) {
    await client.publish(`${ROOT}request/${operation}`, '{"id":"x"}', { qos: 1 });
    const { text } = await client.message(`${ROOT}response/${operation}`);
    assert.doesNotMatch(text, /unknown_request/, operation);
  }
});
