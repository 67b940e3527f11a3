// mosquitto.conf works as it stands (with the ports and the folder of the test), and keeps what it promises.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../../gateway/broker/limits.js';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { freePort, startMosquitto, withoutMosquitto, type Mosquitto } from '../../support/mosquitto.js';
import { connectClient } from '../../support/mqtt-client.js';
import { startOutside, STATUS_TOPIC } from '../../support/outside-broker.js';
import { header, openRawClient } from '../../support/raw-mqtt.js';

const FILE = join(import.meta.dirname, '..', '..', '..', '..', 'mosquitto.conf');

/** Replaces exactly one place, or the file has changed under the test. */
function replaceOnce(text: string, from: string, to: string): string {
  assert.equal(text.split(from).length, 2, `mosquitto.conf must hold "${from}" once`);
  return text.replace(from, to);
}

async function start(t: TestContext): Promise<Mosquitto & { readonly webSocketUrl: string }> {
  const text = await readFile(FILE, 'utf8');
  const webSocketPort = await freePort();
  const mosquitto = await startMosquitto(t, (port, folder) => {
    const tcp = replaceOnce(text, 'listener 1883 127.0.0.1', `listener ${String(port)} 127.0.0.1`);
    const both = replaceOnce(tcp, 'listener 8081 127.0.0.1', `listener ${String(webSocketPort)} 127.0.0.1`);
    return replaceOnce(both, '/var/lib/mosquitto/', `${folder}/`);
  });
  return { ...mosquitto, webSocketUrl: `ws://127.0.0.1:${String(webSocketPort)}` };
}

void describe('mosquitto.conf', { skip: withoutMosquitto }, () => {
  void test('serves the gateway, and clients over TCP and WebSocket', async (t) => {
    const { url, webSocketUrl } = await start(t);
    const { outside } = await startOutside(t, url);
    for (const address of [url, webSocketUrl]) {
      const client = await connectClient(t, address);
      await client.subscribe(STATUS_TOPIC, 1);
      assert.deepEqual(await client.texts(1), ['online']);
    }
    assert.equal(outside.stats().version, 5);
  });

  void test('keeps retained messages and the queue of an absent client over a restart', async (t) => {
    const mosquitto = await start(t);
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
    const { port } = await start(t);
    const client = await openRawClient(t, port, 'greedy');
    client.send(header(0x30, DEFAULT_LIMITS.maxPacketBytes + 1), Buffer.alloc(1024));
    await client.untilClosed();
  });
});
