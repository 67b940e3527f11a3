// `info` says which versions of MQTT are spoken: at the embedded broker those of its doors, with an outside one the one that
// it was found to speak.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startGateway, type ExampleConfig } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { startOldBroker } from '../../support/mqtt/old-broker.js';
import { until } from '../../support/waiting.js';

async function says(
  t: TestContext,
  url: string,
  versions: readonly string[],
  gateway = 'greenhouse',
): Promise<void> {
  const info = `iot/${gateway}/info`;
  const client = await connectClient(t, url);
  await client.subscribe(info);
  const last = (): readonly string[] | undefined => {
    const text = client.received.findLast(({ topic }) => topic === info)?.text;
    return text === undefined ? undefined : (JSON.parse(text) as { mqtt: string[] }).mqtt;
  };
  await until(`${info} says ${versions.join()}`, () => last()?.join() === versions.join());
  assert.deepEqual(last(), versions);
}

void test('the embedded broker: of its doors', async (t) => {
  const { mqttUrl } = await startGateway(t);
  await says(t, mqttUrl, ['3.1', '3.1.1', '5']);
});

void test('Mosquitto: 5', { skip: withoutMosquitto }, async (t) => {
  const { url } = await startMosquitto(t);
  await startGateway(t, { args: ['--no-broker', '--mqtt', url] });
  await says(t, url, ['5']);
});

void test('a broker of 3.1.1 alone: that', async (t) => {
  const { url } = await startOldBroker(t);
  // Another name than that of the broker behind it, which keeps its own topics for itself.
  const change = (config: ExampleConfig): void => {
    config['gateway'] = 'cellar';
  };
  await startGateway(t, { args: ['--no-broker', '--mqtt', url], change });
  await says(t, url, ['3.1.1'], 'cellar');
});
