// How long a message lasts that came through an outside broker of MQTT 5.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectClient } from '../../../support/mqtt/client.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { startOutside } from '../../../support/mqtt/outside-broker.js';
import { until } from '../../../support/waiting.js';

void test(
  'an outside broker tells how long a message lasts, and never that it is over',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t);
    const { outside } = await startOutside(t, url);
    const taken: (number | undefined)[] = [];
    await outside.bus.subscribeBeforeAck('a', async ({ expiresInMs }) => {
      taken.push(expiresInMs);
      return Promise.resolve();
    });
    const client = await connectClient(t, url, { protocolVersion: 5 });
    for (const messageExpiryInterval of [1, 600])
      await client.mqtt.publishAsync('a', 'x', { qos: 1, properties: { messageExpiryInterval } });
    await until('both', () => taken.length === 2);
    assert.deepEqual(taken, [3000, 600_000]);
  },
);
