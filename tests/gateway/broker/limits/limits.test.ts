// Every limit of the embedded broker, reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker, TOPICS } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import {
  connectPacket,
  header,
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
} from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';

void test('a header that announces 256 MB ends the connection before anybody has connected', async (t) => {
  const { broker, port } = await startBroker(t);
  const attacker = await openRaw(t, port);
  attacker.send(header(0x10, 268_435_455));
  await attacker.untilClosed();
  assert.equal(broker.stats().breached, 1);
});

void test('a packet over the limit is refused by its header, one at the limit arrives', async (t) => {
  const { broker, log, port, url } = await startBroker(t, { maxPacketBytes: 2000 });
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const sender = await openRawClient(t, port, 'sender');
  const atLimit = 'x'.repeat(2000 - 3);
  sender.send(publishPacket({ topic: 'a', text: atLimit }));
  assert.deepEqual(await reader.texts(1), [atLimit]);
  sender.send(header(0x30, 2001));
  await sender.untilClosed();
  assert.equal(broker.stats().breached, 1);
  assert.equal(log.saying('over its limits')[0]?.fields['client'], 'sender');
});

void test('a length of more than four bytes is malformed', async (t) => {
  const { broker, port } = await startBroker(t);
  const attacker = await openRaw(t, port);
  attacker.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff]));
  await attacker.untilClosed();
  assert.equal(broker.stats().breached, 1);
});

void test('packets cut into single bytes are counted right', async (t) => {
  const { port, url } = await startBroker(t, { maxPacketBytes: 300 });
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const sender = await openRaw(t, port);
  const texts = ['', 'x', 'y'.repeat(200)];
  const bytes = Buffer.concat([
    connectPacket('s'),
    ...texts.map((text) => publishPacket({ topic: 'a', text })),
  ]);
  for (const byte of bytes) sender.send(Buffer.from([byte]));
  assert.deepEqual(await reader.texts(3), texts);
});

void test('connections above the limit are refused, and a place that is free again is given', async (t) => {
  const { broker, port, url } = await startBroker(t, { maxConnections: 2 });
  const first = await openRawClient(t, port, 'one');
  await connectClient(t, url);
  const third = await openRaw(t, port);
  await third.untilClosed();
  assert.equal(broker.stats().refused, 1);
  first.socket.destroy();
  await until('a free place', () => broker.stats().clients === 1);
  await openRawClient(t, port, 'two');
});

void test('who does not say CONNECT in time is gone', async (t) => {
  const { port } = await startBroker(t, { connectTimeoutMs: 50 });
  const silent = await openRaw(t, port);
  await silent.untilClosed();
});

void test('a subscriber that stops reading is ended; others miss nothing and publishers do not wait', async (t) => {
  const { broker, log, port, url } = await startBroker(t, { maxWriteBufferBytes: 1024 * 1024 });
  const stuck = await openRawClient(t, port, 'stuck');
  stuck.send(subscribePacket('a', 0));
  await stuck.bytes(9);
  stuck.socket.pause();
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const publisher = await connectClient(t, url);
  const text = 'x'.repeat(100_000);
  let sent = 0;
  while (broker.stats().breached === 0) {
    await publisher.publish('a', text, { qos: 1 });
    sent++;
    assert.ok(sent < 1000, 'the reader that stopped must have been ended by now');
  }
  assert.equal((await reader.texts(sent)).length, sent);
  assert.equal(log.saying('over its limits')[0]?.fields['client'], 'stuck');
});

void test('a QoS 2 sender that never releases is ended at its limit', async (t) => {
  const { port } = await startBroker(t, { maxInflightInbound: 5 });
  const sender = await openRawClient(t, port, 'greedy');
  for (let id = 1; id <= 6; id++) sender.send(publishPacket({ topic: 'a', text: 'x', qos: 2, id }));
  await sender.untilClosed();
});

void test('the process may not have more publishes waiting than the limit', async (t) => {
  const { broker } = await startBroker(t, { maxWaitingPublishes: 2 });
  await broker.bus.subscribeBeforeAck('slow', async () => new Promise(() => undefined));
  const slow = { topic: 'slow', payload: Buffer.alloc(0), qos: 1, retain: false } as const;
  const waiting = Promise.allSettled([broker.bus.publish(slow), broker.bus.publish(slow)]);
  await assert.rejects(broker.bus.publish(slow), { code: 'queue_full' });
  await broker.stop();
  const outcomes = await waiting;
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

void test('a client that subscribes beyond the limit is told so, and a place that is free again is given', async (t) => {
  const { broker, url } = await startBroker(t, { maxSubscriptions: 3 });
  const options = { clientId: 'greedy', clean: false };
  const client = await connectClient(t, url, options);
  await client.mqtt.subscribeAsync(['a', 'b', 'c'], { qos: 1 });
  await client.mqtt.subscribeAsync('a', { qos: 1 });
  await assert.rejects(client.subscribe('d', 1));
  await client.mqtt.unsubscribeAsync('a');
  await client.subscribe('d', 1);
  await assert.rejects(client.mqtt.subscribeAsync(['b', 'e', 'f'], { qos: 1 }));
  // Nor does its session have more when it comes back.
  await client.mqtt.endAsync();
  const back = await connectClient(t, url, options);
  for (const topic of ['e', 'f', 'a', 'b', 'c', 'd'])
    await broker.bus.publish({ topic, payload: Buffer.from(topic), qos: 1, retain: false });
  assert.deepEqual(await back.texts(3), ['b', 'c', 'd']);
});

void test('a SUBSCRIBE of ten thousand filters ends the connection by its header', async (t) => {
  const { broker, port } = await startBroker(t);
  const client = await openRawClient(t, port, 'greedy');
  client.send(header(0x82, 64 * 1024 + 1));
  await client.untilClosed();
  assert.equal(broker.stats().breached, 1);
});

void test('a client that fills the retained store erases nothing the gateway says', async (t) => {
  const { broker, url } = await startBroker(t, { maxRetained: 3, maxRetainedBytes: 2200 });
  const say = async (topic: string, length: number): Promise<void> =>
    broker.bus.publish({ topic, payload: Buffer.alloc(length, 'x'), qos: 1, retain: true });
  await say(TOPICS.state('lamp'), 10);
  const client = await connectClient(t, url);
  for (const topic of ['a', 'b', 'c', 'd'])
    await client.publish(topic, 'y'.repeat(800), { qos: 1, retain: true });
  await say(TOPICS.state('lamp'), 500);
  await say(TOPICS.meta('lamp'), 500);
  assert.equal(broker.stats().droppedRetained, 2);
  await client.subscribe('#');
  await client.texts(4);
  assert.deepEqual(client.received.map(({ topic }) => topic).toSorted(), [
    'a',
    'b',
    TOPICS.meta('lamp'),
    TOPICS.state('lamp'),
  ]);
});
