// A will that waits for its client (MQTT 5.0 §3.1.3.2.2): not sent to those whom it would tell of a short break, and no
// later than the end of the session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connect5, type Client5 } from './client5.js';

interface Delays {
  readonly willDelayInterval: number;
  readonly sessionExpiryInterval: number;
}

async function withWill(t: TestContext, url: string, clientId: string, delays: Delays): Promise<Client5> {
  const { willDelayInterval, sessionExpiryInterval } = delays;
  const will = { topic: `will/${clientId}`, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
  return connect5(t, url, {
    ...{ clientId, clean: false, properties: { sessionExpiryInterval } },
    will: { ...will, properties: { willDelayInterval } },
  });
}

void test('a will waits for its delay, and is not sent where its client is back before', async (t) => {
  const { url } = await startBroker(t);
  const reader = await connect5(t, url);
  await reader.subscribe('will/#', 1);
  const delays = { willDelayInterval: 1, sessionExpiryInterval: 60 };
  const back = await withWill(t, url, 'back', delays);
  const gone = await withWill(t, url, 'gone', delays);
  back.mqtt.stream.destroy();
  const again = await withWill(t, url, 'back', delays);
  await again.mqtt.endAsync();
  // Behind the other: when it has come, the other would have.
  gone.mqtt.stream.destroy();
  await reader.message('will/gone');
  assert.deepEqual(
    reader.received.map(({ topic }) => topic),
    ['will/gone'],
  );
});

void test('a will comes when the session ends, however long its delay', async (t) => {
  const { url } = await startBroker(t);
  const reader = await connect5(t, url);
  await reader.subscribe('will/#', 1);
  for (const [clientId, sessionExpiryInterval] of [
    ['with the connection', 0],
    ['after a second', 1],
  ] as const) {
    const client = await withWill(t, url, clientId, { willDelayInterval: 3600, sessionExpiryInterval });
    client.mqtt.stream.destroy();
    await reader.message(`will/${clientId}`);
  }
});
