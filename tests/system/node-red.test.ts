// A user of Node-RED imports docs/node-red-flow.json: readings come, the chart is filled, a command is answered, and a device
// that goes away is an alarm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed, withoutNodeRed } from '../node-red/node-red.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { read } from '../support/repository.js';
import { until } from '../support/waiting.js';

type Flow = readonly Readonly<Record<string, unknown>>[];

test('the flow of docs/ works in the real Node-RED', { skip: withoutNodeRed }, async (t) => {
  const [gateway, nodeRed] = await Promise.all([startGateway(t), startNodeRed(t)]);
  const { hostname, port } = new URL(gateway.mqttUrl);
  const flow = (JSON.parse(read('docs/node-red-flow.json')) as Flow).map((node) =>
    node['type'] === 'mqtt-broker' ? { ...node, broker: hostname, port } : node,
  );
  const listener = await connectClient(t, gateway.mqttUrl);
  await listener.subscribe('alarm/#', 1);
  await nodeRed.admin('/flows', flow);
  const said = (node: string, text: RegExp): Promise<unknown> =>
    until(`${node} to say ${String(text)}; ${JSON.stringify(nodeRed.said)} ${nodeRed.log()}`, () =>
      nodeRed.said.find((one) => one.node === node && text.test(one.text)),
    );
  await said('reading', /^\d+(\.\d+)?$/);
  await said('chart', /^[1-9]\d*$/);
  await nodeRed.admin('/inject/gw-half', {});
  await said('reply', /"status": ?"done"/);
  const plug = (plugged: boolean): Promise<Response> =>
    fetch(`${gateway.pageUrl}api/request/simulate`, {
      method: 'POST',
      body: JSON.stringify({ device: 'tank-2', plugged }),
    });
  assert.equal((await plug(false)).status, 200);
  assert.match((await listener.message('alarm/greenhouse/tank-2')).text, /^tank-2 is away: ./);
  await plug(true);
  await until('it to be back', () => listener.received.some(({ text }) => text === 'tank-2 is back'));
  assert.deepEqual(
    listener.received.map(({ topic }) => topic),
    ['alarm/greenhouse/tank-2', 'alarm/greenhouse/tank-2'],
  );
  assert.doesNotMatch(nodeRed.log(), /\[(error|warn)\] \[/);
  assert.equal((await fetch(`${nodeRed.url}/dashboard/greenhouse`)).status, 200);
});
