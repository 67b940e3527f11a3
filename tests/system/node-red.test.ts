// A user of Node-RED imports docs/node-red-flow.json: readings come, the chart is filled, a command is answered, a device that
// goes away is told, and an alarm is told, listed and acknowledged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed, withoutNodeRed } from '../node-red/node-red.js';
import { openBrowser, withoutChromium } from '../support/browser/chromium.js';
import { startGateway, type ExampleConfig } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { read } from '../support/repository.js';
import { until } from '../support/waiting.js';

type Flow = readonly Readonly<Record<string, unknown>>[];

/** The lamp is too bright where the flow makes it half as bright as it can be. */
function withAlarm({ devices }: ExampleConfig): void {
  const bright = { field: 'level', above: 100, message: 'Too bright: {value}' };
  devices['lamp-1'] = { ...devices['lamp-1'], alarms: { bright } };
}

test('the flow of docs/ works in the real Node-RED', { skip: withoutNodeRed }, async (t) => {
  const [gateway, nodeRed] = await Promise.all([startGateway(t, { change: withAlarm }), startNodeRed(t)]);
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
  await t.test(
    'an alarm is told, listed, and acknowledged by a button',
    { skip: withoutChromium },
    async () => {
      const browser = await openBrowser(t, `${nodeRed.url}/dashboard/greenhouse`);
      const row =
        "[...document.querySelectorAll('tr')].some((row) => row.innerText.includes('Too bright: 128'))";
      await browser.until(row);
      await listener.publish('iot/greenhouse/device/lamp-1/command/dim', '0', { qos: 1 });
      await browser.until(`!${row}`);
      await nodeRed.admin('/inject/gw-half', {});
      await browser.until(row);
      await browser.until(
        "document.querySelector('.v-snackbar__content')?.innerText.includes('Too bright: 128')",
      );
      await browser.page.getByRole('button', { name: 'I know of it' }).click();
      await listener.subscribe('iot/greenhouse/device/lamp-1/alarm/bright', 1);
      await until('its topic to say who knows', () =>
        listener.received.some(({ text }) => text.includes('"acknowledged":{"by":"dashboard"')),
      );
      await browser.until(
        "document.querySelector('td button').innerText.toLowerCase() === 'dashboard knows'",
      );
    },
  );
});
