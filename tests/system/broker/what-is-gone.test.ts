// What is gone does not look alive: no device that left the configuration, none of a gateway that has ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { AvailabilityMessage } from '../../../shared/messages.js';
import { type GatewayProcess, startGateway } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { retainedBelow } from '../../support/mqtt/retained-topics.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import {
  DEVICES,
  isThere,
  lightGateway,
  ROOT,
  untilAllThere,
  untilRetained,
  withoutTank2AndLight,
  type Retained,
} from '../../support/mqtt/what-looks-alive.js';

function availabilities(retained: Retained): AvailabilityMessage[] {
  return [...retained]
    .filter(([topic]) => topic.endsWith('/availability'))
    .map(([, text]) => JSON.parse(text) as AvailabilityMessage);
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(
    `a device and a field that left the configuration are gone at Mosquitto, and none looks alive between (${signal})`,
    { skip: withoutMosquitto },
    async (t) => {
      const { url } = await startMosquitto(t);
      const first = await startGateway(t, lightGateway(url, await temporaryFolder(t)));
      await untilAllThere(url);
      await first.end(signal);
      const between = await untilRetained(url, 'nobody to be there', (retained) =>
        DEVICES.every((device) => !isThere(retained, device)),
      );
      if (signal === 'SIGTERM') {
        const states = availabilities(between).map(({ state, reason }) => `${state} ${String(reason)}`);
        assert.deepEqual(
          states,
          DEVICES.map(() => 'offline gateway_stopped'),
        );
      }
      const before = await connectClient(t, url);
      await before.subscribe(`${ROOT}/device/tank-1/availability`, 1);
      await startGateway(t, lightGateway(url, first.dataDir, withoutTank2AndLight));
      const after = await untilRetained(
        url,
        'what left to be gone',
        (retained) =>
          isThere(retained, 'lamp-1') &&
          ![...retained.keys()].some((topic) => /tank-2|value\/light/.test(topic)) &&
          retained.has(`${ROOT}/device/lamp-1/state`),
      );
      assert.doesNotMatch(after.get(`${ROOT}/device/lamp-1/state`) ?? '', /light/);
      // What the run before said is not taken for true before the device was asked.
      await until('tank-1 online', () => before.received.at(-1)?.text.includes('"online"'));
      const [, ...live] = before.received.map(({ text }) => (JSON.parse(text) as AvailabilityMessage).reason);
      // Of what waits for the broker only the newest of a topic is sent: it may be asked before the connection is there.
      assert.equal(live.pop(), null);
      assert.ok(
        live.every((reason) => signal === 'SIGKILL' && reason === 'gateway_stopped'),
        String(live),
      );
    },
  );
}

/** A session that stays at the embedded broker. */
function sitting(t: TestContext, gateway: GatewayProcess): Promise<TestClient> {
  return connectClient(t, gateway.mqttUrl, { clientId: 'sitting', clean: false });
}

test('at the embedded broker a client that was there before hears who is gone', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await startGateway(t, lightGateway(undefined, dataDir));
  const client = await sitting(t, first);
  await client.subscribe(`${ROOT}/device/tank-2/#`, 1);
  await until('tank-2', () => client.received.some(({ text }) => text.includes('"online"')));
  await first.end('SIGTERM');
  const last = client.received.findLast(({ topic }) => topic.endsWith('availability'));
  assert.match(last?.text ?? '', /"offline".*"gateway_stopped"/);
  const second = await startGateway(t, lightGateway(undefined, dataDir, withoutTank2AndLight));
  const back = await sitting(t, second);
  const cleared = (): string[] =>
    back.received
      .filter(({ text }) => text === '')
      .map(({ topic }) => topic.replace(/.*tank-2\//, ''))
      // Said every ten seconds: it may not have been there yet.
      .filter((topic) => topic !== 'health');
  await until(`all cleared, now ${cleared().join()}`, () => cleared().length === 8);
  assert.deepEqual(cleared().sort(), [
    'alarm/away',
    'alarm/level_high',
    'availability',
    'meta',
    'state',
    'value/level',
    'value/pump',
    'value/temperature',
  ]);
  assert.equal([...(await retainedBelow(second.mqttUrl, `${ROOT}/device/tank-2`)).keys()].length, 0);
});
