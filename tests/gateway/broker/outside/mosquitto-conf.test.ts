// mosquitto.conf works as it stands (with the ports and the folder of the test), and keeps what it promises.
import assert from 'node:assert/strict';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packageRoot } from '../../../../gateway/process/paths.js';
import { freePort, startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { replaceOnce, startByConf } from '../../../support/mqtt/mosquitto-conf.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startOutside, STATUS_TOPIC } from '../../../support/mqtt/outside-broker.js';
import { header, openRawClient } from '../../../support/mqtt/raw-mqtt.js';
import { untilAsync } from '../../../support/waiting.js';

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

  void test('goes into conf.d beside Debian’s own file, as its head says', async (t) => {
    const ours = await readFile(join(packageRoot, 'mosquitto.conf'), 'utf8');
    const [, leftOut = ''] =
      /^# {3}sed '\/\^(\w+) \/d' mosquitto\.conf \| sudo tee \/etc\/mosquitto\/conf\.d\//m.exec(ours) ?? [];
    assert.equal(leftOut, 'persistence_location');
    const [webSocketPort, anotherPort] = [await freePort(), await freePort()];
    const { url } = await startMosquitto(t, (port, folder) => {
      mkdirSync(join(folder, 'conf.d'));
      const here = replaceOnce(ours, 'listener 1883 127.0.0.1', `listener ${String(port)} 127.0.0.1`)
        .replace('listener 8081 127.0.0.1', `listener ${String(webSocketPort)} 127.0.0.1`)
        .replace(/^persistence_location .*$/m, '');
      writeFileSync(join(folder, 'conf.d', 'gateway.conf'), here);
      // /etc/mosquitto/mosquitto.conf of Debian 12 and 13, with the folders of the test.
      return [
        'persistence true',
        `persistence_location ${folder}/`,
        `log_dest file ${folder}/mosquitto.log`,
        `include_dir ${folder}/conf.d`,
        // Opened last: who waits for it waits for all.
        `listener ${String(anotherPort)} 127.0.0.1`,
        '',
      ].join('\n');
    });
    // Its listener is not in the file that was waited for.
    await untilAsync('a client to be let in', () =>
      connectClient(t, url).then(
        () => true,
        () => false,
      ),
    );
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
