// Limits of sizes to the byte: what is exactly as large as it may be is taken, one more is not, whichever packet it is and
// by whichever way it goes.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DEFAULT_LIMITS, type BrokerLimits } from '../../../../gateway/broker/mqtt/limits.js';
import { startBroker, type TestBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  connectPacket,
  header,
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn, publishesIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const FIRST = DEFAULT_LIMITS.maxFirstPacketBytes;
const SUBSCRIBE = DEFAULT_LIMITS.maxSubscribeBytes;
const LIMITS = { maxPacketBytes: 2000, maxTopicLevels: 5, maxTopicBytes: 100 };

async function start(
  t: TestContext,
  delivery: 'direct' | 'aedes' = 'direct',
  limits: Partial<BrokerLimits> = LIMITS,
): Promise<TestBroker> {
  return startBroker(t, limits, { anonymous: true }, delivery);
}

/** With so many bytes behind its header, in the text of its will. */
function connectOf(bytes: number): Buffer {
  const will = (length: number): Buffer =>
    connectPacket('c', { will: { topic: 'w', text: 'x'.repeat(length), qos: 0 } });
  // Of no text at all the header has one byte for the length.
  return will(bytes - (will(0).length - 2));
}

/** SUBSCRIBE or UNSUBSCRIBE with so many bytes behind its header, in 66 filters. */
function filtersOf(first: 0x82 | 0xa2, bytes: number): Buffer {
  const qos = first === 0x82 ? [Buffer.from([0])] : [];
  const count = 66;
  const room = bytes - 2 - count * (2 + qos.length);
  const filters = Array.from({ length: count }, (_, index) => {
    const length = Math.floor(room / count) + (index < room % count ? 1 : 0);
    const filter = Buffer.from(String(index).padEnd(length, 'x'));
    return Buffer.concat([Buffer.from([filter.length >> 8, filter.length & 0xff]), filter, ...qos]);
  });
  const body = Buffer.concat([Buffer.from([0, 7]), ...filters]);
  assert.equal(body.length, bytes);
  return Buffer.concat([header(first, bytes), body]);
}

function has(connection: RawConnection, type: number): boolean {
  return packetsIn(connection.received).some((packet) => packet.type === type);
}

void test('a first packet of 64 KB is taken, of one byte more it ends the connection', async (t) => {
  const { broker, port } = await start(t, 'direct', {});
  const fits = await openRaw(t, port);
  fits.send(connectOf(FIRST));
  assert.deepEqual([...(await fits.bytes(4))], [0x20, 2, 0, 0]);
  const beyond = await openRaw(t, port);
  beyond.send(connectOf(FIRST + 1));
  await beyond.untilClosed();
  assert.deepEqual([beyond.received.length, broker.stats().breached, fits.closed], [0, 1, false]);
});

for (const [name, first, answer] of [
  ['SUBSCRIBE', 0x82, 9],
  ['UNSUBSCRIBE', 0xa2, 11],
] as const)
  void test(`a ${name} of 64 KB is answered, of one byte more it ends the connection`, async (t) => {
    const { broker, port } = await start(t, 'direct', {});
    const client = await openRawClient(t, port, 'c');
    client.send(filtersOf(first, SUBSCRIBE));
    await until('the answer', () => has(client, answer));
    client.send(filtersOf(first, SUBSCRIBE + 1));
    await client.untilClosed();
    assert.equal(broker.stats().breached, 1);
  });

for (const delivery of ['direct', 'aedes'] as const) {
  void test(`a PUBLISH at the limit arrives, one byte more ends the connection, delivery ${delivery}`, async (t) => {
    const { broker, port } = await start(t, delivery);
    const reader = await openRawClient(t, port, 'reader');
    reader.send(subscribePacket('a', 0));
    await reader.bytes(9);
    let arrived = 0;
    for (const qos of [0, 1, 2] as const)
      for (const retain of [false, true]) {
        const head = qos === 0 ? 3 : 5;
        const sender = await openRawClient(t, port, 'sender');
        sender.send(publishPacket({ topic: 'a', text: 'x'.repeat(2000 - head), qos, retain }));
        await until('the message', () => publishesIn(reader.received).length === arrived + 1);
        sender.send(publishPacket({ topic: 'a', text: 'x'.repeat(2001 - head), qos, retain, id: 2 }));
        await sender.untilClosed();
        assert.equal(broker.stats().breached, ++arrived);
      }
  });

  void test(`topics of as many levels and bytes as may be are taken, of one more not, delivery ${delivery}`, async (t) => {
    const { port } = await start(t, delivery);
    const reader = await openRawClient(t, port, 'reader');
    const fitting = ['a/b/c/d/e', '////', 'x'.repeat(100), 'ü'.repeat(50)];
    for (const topic of fitting) reader.send(subscribePacket(topic, 0));
    await until(
      'the answers',
      () => packetsIn(reader.received).filter(({ type }) => type === 9).length === 4,
    );
    for (const qos of [0, 1, 2] as const) {
      const sender = await openRawClient(t, port, 'sender');
      for (const [index, topic] of fitting.entries())
        sender.send(publishPacket({ topic, text: String(qos), qos, id: index + 1 }));
      const came = (): string[] =>
        publishesIn(reader.received).flatMap(({ topic, text }) => (text === String(qos) ? [topic] : []));
      await until('all', () => came().length === fitting.length);
      assert.deepEqual(came(), fitting);
      for (const topic of ['a/b/c/d/e/f', '/////', 'x'.repeat(101), `${'ü'.repeat(50)}x`]) {
        const beyond = await openRawClient(t, port, 'beyond');
        beyond.send(publishPacket({ topic, text: 'x', qos }));
        await beyond.untilClosed();
      }
    }
  });
}

void test('a filter of as many levels and bytes as may be is granted, of one more not', async (t) => {
  const { port } = await start(t);
  const client = await openRawClient(t, port, 'c');
  const answers = (): number[] =>
    packetsIn(client.received).flatMap(({ type, body }) => (type === 9 ? [body[2] ?? -1] : []));
  for (const filter of [
    '+/+/+/+/#',
    `${'x'.repeat(98)}/#`,
    `${'x'.repeat(99)}/#`,
    'ü'.repeat(50),
    `${'ü'.repeat(50)}x`,
  ])
    client.send(subscribePacket(filter, 1));
  await until('the answers', () => answers().length === 5);
  assert.deepEqual(answers(), [1, 1, 0x80, 1, 0x80]);
  client.send(subscribePacket('+/+/+/+/+/#', 1));
  await client.untilClosed();
});

void test('a client may have as many QoS 2 messages under way as the limit says, and one more ends it', async (t) => {
  const { port } = await start(t, 'direct', { maxInflightInbound: 5 });
  const sender = await openRawClient(t, port, 'sender');
  for (let id = 1; id <= 5; id++) sender.send(publishPacket({ topic: 'a', text: 'x', qos: 2, id }));
  await until('five PUBRECs', () => packetsIn(sender.received).filter(({ type }) => type === 5).length === 5);
  assert.equal(sender.closed, false);
  sender.send(publishPacket({ topic: 'a', text: 'x', qos: 2, id: 6 }));
  await sender.untilClosed();
});
