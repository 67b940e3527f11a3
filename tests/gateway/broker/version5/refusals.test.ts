// What a client of MQTT 5 is told where it is refused.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectPacket, openRaw, publishPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { connect5 } from './client5.js';

void test('a publish without the right, or to the gateway’s own topic, is refused with 0x87; the client stays', async (t) => {
  const aclFile = join(await temporaryFolder(t), 'acl');
  await writeFile(aclFile, 'topic readwrite open/#\ntopic read iot/#\n');
  const { url, broker } = await startBroker(t, {}, { anonymous: true, aclFile });
  const client = await connect5(t, url);
  await client.subscribe('open/#', 1);
  for (const topic of ['closed', 'iot/greenhouse/status'])
    for (const qos of [1, 2] as const)
      await assert.rejects(client.mqtt.publishAsync(topic, 'x', { qos }), { code: 0x87 });
  await client.publish('closed', 'x', { qos: 0 });
  await client.publish('open/here', 'yes', { qos: 2 });
  assert.deepEqual(await client.texts(1), ['yes']);
  assert.equal(broker.stats().dropped, 5);
});

void test('what stands behind a refused publish keeps its place', async (t) => {
  const aclFile = join(await temporaryFolder(t), 'acl');
  await writeFile(aclFile, 'topic readwrite open/#\n');
  const { url } = await startBroker(t, {}, { anonymous: true, aclFile });
  const client = await connect5(t, url);
  await client.subscribe('open/#', 1);
  const all = Array.from({ length: 20 }, async (_, number) =>
    client.mqtt
      .publishAsync(number % 3 === 0 ? 'closed' : 'open/x', String(number), { qos: 1 })
      .catch(() => undefined),
  );
  await Promise.all(all);
  const expected = Array.from({ length: 20 }, (_, number) => number).filter((number) => number % 3 !== 0);
  assert.deepEqual(await client.texts(expected.length), expected.map(String));
});

void test('enhanced authentication is refused with 0x8C, properties that come twice with 0x82', async (t) => {
  const { port, url } = await startBroker(t);
  const authenticating = await openRaw(t, port);
  authenticating.send(connectPacket('a', { version: 5, properties: [0x15, 0, 1, 97] }));
  await authenticating.untilClosed();
  assert.equal(packetsIn(authenticating.received)[0]?.body[1], 0x8c);
  const twice = await openRaw(t, port);
  twice.send(connectPacket('b', { version: 5 }));
  await until('the CONNACK', () => packetsIn(twice.received).length === 1);
  twice.send(Buffer.from([0x30, 9, 0, 1, 97, 4, 0x01, 1, 0x01, 0, 120]));
  await twice.untilClosed();
  assert.deepEqual([...(packetsIn(twice.received).at(-1)?.body ?? [])], [0x82, 0]);
  const connecting = await openRaw(t, port);
  connecting.send(connectPacket('c', { version: 5, properties: [0x21, 0, 1, 0x21, 0, 2] }));
  await connecting.untilClosed();
  await connectClient(t, url);
});

const [DISCONNECT, MALFORMED, PROTOCOL_ERROR] = [14, 0x81, 0x82];

/** Each by its bytes, without their length. */
const WRONG_PROPERTIES: Readonly<Record<string, readonly number[]>> = {
  'correlation data of more bytes than are there': [0x09, 0, 99],
  'a response topic of more bytes than are there': [0x08, 0, 99],
  'an expiry of three bytes': [0x02, 0, 0, 9],
  'a user property without its value': [0x26, 0, 1, 97],
  'a content type with U+0000': [0x03, 0, 1, 0],
  'a user property that is no UTF-8': [0x26, 0, 1, 97, 0, 1, 0xff],
  'an empty response topic': [0x08, 0, 0],
};

for (const [what, properties] of Object.entries(WRONG_PROPERTIES))
  void test(`${what}: refused, and nobody else is harmed`, async (t) => {
    const { port, url } = await startBroker(t);
    const reader = await connect5(t, url);
    await reader.subscribe('a', 2);
    for (const qos of [0, 1, 2] as const) {
      const connection = await openRaw(t, port);
      connection.send(connectPacket('b', { version: 5 }));
      await until('the CONNACK', () => packetsIn(connection.received).length === 1);
      // Nothing of a text follows: it would be taken for what is missing.
      connection.send(publishPacket({ topic: 'a', text: '', qos, properties }));
      await connection.untilClosed();
      const { type, body } = packetsIn(connection.received).at(-1) ?? {};
      assert.equal(type, DISCONNECT);
      assert.ok([MALFORMED, PROTOCOL_ERROR].includes(body?.[0] ?? 0));
    }
    await reader.publish('a', 'alive', { qos: 1 });
    assert.deepEqual(await reader.texts(1), ['alive']);
  });

void test('a packet size of 0 that nothing fits into is refused', async (t) => {
  const { port } = await startBroker(t);
  const connection = await openRaw(t, port);
  connection.send(connectPacket('a', { version: 5, properties: [0x27, 0, 0, 0, 0] }));
  await connection.untilClosed();
});

void test('names that every object has are names like all others', async (t) => {
  const { port, url } = await startBroker(t);
  const client = await connect5(t, url, { clientId: '__proto__' });
  await client.mqtt.subscribeAsync(['constructor', 'toString'], { qos: 1 });
  await client.publish('constructor', 'x', { qos: 1 });
  assert.deepEqual(await client.texts(1), ['x']);
  const raw = await openRaw(t, port);
  raw.send(connectPacket('hasOwnProperty', { version: 5 }), subscribePacket('__proto__', 1, 1, []));
  await until('the SUBACK', () => packetsIn(raw.received).some(({ type }) => type === 9));
  await client.publish('__proto__', 'y', { qos: 1 });
  await until('the message', () => packetsIn(raw.received).some(({ type }) => type === 3));
});
