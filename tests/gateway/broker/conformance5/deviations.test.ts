// Where the embedded broker differs from MQTT 5.0: the list of docs/mqtt5.md, shown, so that it stays true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourBytes, PROPERTY, texts } from '../../../support/mqtt/raw-properties.js';
import { onEmbedded } from '../../../support/mqtt/statement.js';
import { connack, published, reasonOfEnd } from './statement.js';

const STAYS = { clean: false, properties: fourBytes('sessionExpiry', 60) };

test('a session without subscriptions is told as not present [MQTT-3.2.2-3]', async (t) =>
  onEmbedded(t, 5, async (server) => {
    const first = await server.client('bare', STAYS);
    first.socket.destroy();
    const back = await server.client('bare', STAYS);
    assert.equal(connack(back).flags, 0);
  }));

test('a retained message that was not acknowledged is not sent again [MQTT-4.4.0-1]', async (t) =>
  onEmbedded(t, 5, async (server) => {
    await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
    const reader = await server.subscriber('a', 1, STAYS);
    await published(reader, 1);
    reader.socket.destroy();
    const back = await server.client('reads-a', STAYS);
    await server.publish({ topic: 'a', text: 'end', qos: 1, id: 2 });
    assert.equal((await published(back, 1))[0]?.text, 'end');
  }));

test('there is no enhanced authentication [MQTT-4.12.0-1]', async (t) =>
  onEmbedded(t, 5, async (server) => {
    const client = await server.connecting('c', { properties: texts('authenticationMethod', 'PLAIN') });
    assert.equal(await reasonOfEnd(client), 0x8c);
  }));

test('no Response Information is given [MQTT-3.1.2-28]', async (t) =>
  onEmbedded(t, 5, async (server) => {
    const client = await server.client('c', { properties: [PROPERTY.requestResponseInformation, 1] });
    assert.ok(connack(client).properties.every(({ id }) => id !== PROPERTY.responseInformation));
  }));
