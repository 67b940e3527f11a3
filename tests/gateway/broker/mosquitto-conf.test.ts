// mosquitto.conf works as it stands (with the ports and the folder of the test), and keeps what it promises.
import assert from 'node:assert/strict';
import { DEFAULT_LIMITS } from '../../../gateway/broker/limits.js';
import { describe, test } from 'node:test';
import { withoutMosquitto } from '../../support/mosquitto.js';
import { startByConf } from '../../support/mosquitto-conf.js';
import { connectClient } from '../../support/mqtt-client.js';
import { startOutside, STATUS_TOPIC } from '../../support/outside-broker.js';
import { header, openRawClient } from '../../support/raw-mqtt.js';

void describe('mosquitto.conf', { skip: withoutMosquitto }, () => {
  void test('serves the gateway, and clients over TCP and WebSocket', async (t) => {
    const { url, webSocketUrl } = await startByConf(t);
    const { outside } = await startOutside(t, url);
    for (const address of [url, webSocketUrl]) {
      const client = await connectClient(t, address);
      await client.subscribe(STATUS_TOPIC, 1);
      assert.deepEqual(await client.texts(1), ['online']);
    }
    assert.equal(outside.stats().version, 5);
  });

  void test('keeps retained messages and the queue of an absent client over a restart', async (t) => {
    const mosquitto = await startByConf(t);
    const away = await connectClient(t, mosquitto.url, { clientId: 'away', clean: false });
    await away.subscribe('a/#', 1);
    await away.mqtt.endAsync();
    const publisher = await connectClient(t, mosquitto.url);
    await publisher.publish('a/queued', 'queued', { qos: 1 });
    await publisher.publish('b/kept', 'kept', { qos: 1, retain: true });
    await mosquitto.stop();
    await mosquitto.start();
    const back = await connectClient(t, mosquitto.url, { clientId: 'away', clean: false });
    assert.deepEqual(await back.texts(1), ['queued']);
    await back.subscribe('b/#', 1);
    assert.deepEqual(await back.texts(2), ['queued', 'kept']);
  });

  void test('refuses a packet larger than the embedded broker takes', async (t) => {
    const { port } = await startByConf(t);
    const client = await openRawClient(t, port, 'greedy');
    client.send(header(0x30, DEFAULT_LIMITS.maxPacketBytes + 1), Buffer.alloc(1024));
    await client.untilClosed();
  });
});
