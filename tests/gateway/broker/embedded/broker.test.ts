// The embedded broker's own rules: who may publish what, order and acknowledgement, start and stop.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { EmbeddedBroker } from '../../../../gateway/broker/embedded/broker.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import type { Message } from '../../../../shared/ports.js';
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
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';

function message(topic: string, text: string, options: { qos?: 0 | 1 | 2; retain?: boolean } = {}): Message {
  return { topic, payload: Buffer.from(text), qos: options.qos ?? 1, retain: options.retain ?? false };
}

function unstarted(host: string, port: number): EmbeddedBroker {
  return new EmbeddedBroker({
    host,
    port,
    topics: TOPICS,
    log: new RecordingLog(),
    clock: new SystemClock(),
  });
}

void test('a client cannot speak as the gateway: acknowledged, delivered to nobody, not retained', async (t) => {
  const { broker, url } = await startBroker(t);
  const client = await connectClient(t, url);
  await client.subscribe('#', 1);
  const own = [
    TOPICS.status,
    TOPICS.health,
    TOPICS.event,
    TOPICS.state('tank'),
    TOPICS.meta('tank'),
    TOPICS.availability('tank'),
    TOPICS.value('tank', 'level'),
    TOPICS.reply('tank', 'pump'),
    TOPICS.response('scan'),
    TOPICS.log('warn'),
    TOPICS.root,
    '$SYS/broker/uptime',
  ];
  for (const qos of [0, 1, 2] as const)
    for (const topic of own) await client.publishInVain(topic, 'forged', { qos, retain: true });
  await client.publish('elsewhere', 'allowed', { qos: 1 });
  await client.message('elsewhere');
  assert.deepEqual(
    client.received.map(({ topic }) => topic),
    ['elsewhere'],
  );
  assert.equal(broker.stats().dropped, own.length * 3);
  assert.equal(broker.stats().retained, 0);
});

void test('a client may publish telemetry, commands and requests', async (t) => {
  const { broker, url } = await startBroker(t);
  const seen: string[] = [];
  await broker.bus.subscribe(`${TOPICS.root}/#`, 1, ({ topic }) => seen.push(topic));
  const client = await connectClient(t, url);
  const topics = [TOPICS.telemetry('tank'), TOPICS.command('tank', 'pump'), `${TOPICS.root}/request/scan`];
  for (const topic of topics) await client.publish(topic, '1', { qos: 1 });
  await until('all three', () => seen.length === 3);
  assert.deepEqual(seen, topics);
});

void test('a retained command is told as retained and is not kept', async (t) => {
  const { broker, url } = await startBroker(t);
  const seen: Message[] = [];
  await broker.bus.subscribe(TOPICS.everyCommand, 1, (command) => seen.push(command));
  const client = await connectClient(t, url);
  await client.publish(TOPICS.command('tank', 'pump'), '1', { qos: 1, retain: true });
  await until('the command', () => seen.length === 1);
  assert.equal(seen[0]?.retain, true);
  assert.equal(broker.stats().retained, 0);
});

void test('a client keeps its order while one of its messages waits for a handler', async (t) => {
  const { broker, port } = await startBroker(t);
  const order: string[] = [];
  let take = (): void => undefined;
  await broker.bus.subscribeBeforeAck('slow', async () => new Promise((resolve) => (take = resolve)));
  await broker.bus.subscribe('#', 1, ({ payload }) => order.push(Buffer.from(payload).toString()));
  const client = await openRawClient(t, port, 'p');
  client.send(
    publishPacket({ topic: 'slow', text: 'first', qos: 1, id: 1 }),
    publishPacket({ topic: 'fast', text: 'second', qos: 0 }),
    publishPacket({ topic: 'fast', text: 'third', qos: 2, id: 2 }),
  );
  const other = await connectClient(t, `mqtt://127.0.0.1:${String(port)}`);
  await other.publish('fast', 'other client', { qos: 1 });
  await until('the other client', () => order.length > 0);
  take();
  await until('all', () => order.length === 4);
  assert.deepEqual(order, ['other client', 'first', 'second', 'third']);
});

void test('a publish is acknowledged, to a client and within, only after the handler took it', async (t) => {
  const { broker, port } = await startBroker(t);
  const takes: (() => void)[] = [];
  await broker.bus.subscribeBeforeAck('slow/#', async () => new Promise((resolve) => takes.push(resolve)));
  const client = await openRawClient(t, port, 'p');
  client.send(publishPacket({ topic: 'slow/1', text: 'x', qos: 1, id: 9 }));
  await until('the handler', () => takes.length === 1);
  let acknowledged = false;
  const within = broker.bus.publish(message('slow/2', 'y')).then(() => (acknowledged = true));
  await until('the handler again', () => takes.length === 2);
  // A round trip through the same broker: an early acknowledgement would be here by now.
  const other = await connectClient(t, `mqtt://127.0.0.1:${String(port)}`);
  await other.publish('other', 'z', { qos: 2 });
  assert.equal(client.received.length, 4, 'only the CONNACK');
  assert.equal(acknowledged, false);
  for (const take of takes) take();
  assert.deepEqual([...(await client.bytes(8))].slice(4), [0x40, 2, 0, 9]);
  await within;
});

void test('a rejection within goes to the publisher as it is', async (t) => {
  const { broker } = await startBroker(t);
  const reason = new Error('disk full');
  await broker.bus.subscribeBeforeAck('t', async () => Promise.reject(reason));
  await assert.rejects(broker.bus.publish(message('t', 'x')), reason);
});

void test('a sample of the gateway’s own was kept before, and passes no handler', async (t) => {
  const { broker } = await startBroker(t);
  await broker.bus.subscribeBeforeAck('t', async () => Promise.reject(new Error('disk full')));
  const seen: string[] = [];
  await broker.bus.subscribe('t', 1, ({ topic }) => seen.push(topic));
  await broker.bus.publish({ ...message('t', 'x'), kind: 'sample' });
  assert.deepEqual(seen, ['t']);
});

void test('QoS 0 behind a message that nobody takes still arrives, and the connection ends', async (t) => {
  const { broker, log, port } = await startBroker(t);
  const seen: string[] = [];
  await broker.bus.subscribeBeforeAck('refused', async () => Promise.reject(new Error('disk full')));
  await broker.bus.subscribe('#', 1, ({ topic }) => seen.push(topic));
  const client = await openRawClient(t, port, 'p');
  client.send(
    publishPacket({ topic: 'refused', text: 'x', qos: 1, id: 1 }),
    publishPacket({ topic: 'plain', text: 'y' }),
  );
  await client.untilClosed();
  assert.equal(client.received.length, 4, 'nothing after the CONNACK');
  assert.deepEqual(seen, ['plain']);
  assert.equal(broker.stats().unacknowledged, 1);
  assert.equal(log.saying('not acknowledged')[0]?.fields['client'], 'p');
});

void test('a repeated QoS 2 message is taken once', async (t) => {
  const { broker, port } = await startBroker(t);
  let taken = 0;
  await broker.bus.subscribeBeforeAck('two', async () => {
    taken++;
    return Promise.resolve();
  });
  const client = await openRawClient(t, port, 'p');
  const packet = publishPacket({ topic: 'two', text: 'x', qos: 2, id: 7 });
  client.send(packet);
  await client.bytes(8);
  client.send(packet);
  await client.bytes(12);
  assert.equal(taken, 1);
});

void test('what a handler publishes from within a delivery reaches clients after the message it answers', async (t) => {
  const { broker, url } = await startBroker(t);
  await broker.bus.subscribe('ask', 1, () => void broker.bus.publish(message('answer', 'a')));
  const client = await connectClient(t, url);
  // Exactly this filter, so that the client is told after the handler of the same one.
  for (const filter of ['ask', 'answer']) await client.subscribe(filter, 0);
  for (let round = 0; round < 200; round++) {
    await client.publish('ask', 'q', { qos: 0 });
    await client.texts(2 * (round + 1));
  }
  const topics = client.received.map(({ topic }) => topic);
  assert.deepEqual(topics, Array.from({ length: 200 }, () => ['ask', 'answer']).flat());
});

void test('pairs of retained and plain QoS 1 messages from the process arrive in order, 200 times', async (t) => {
  const { broker, url } = await startBroker(t);
  const clean = await connectClient(t, url);
  const persistent = await connectClient(t, url, { clientId: 'keeps', clean: false });
  for (const client of [clean, persistent]) await client.subscribe('a/#', 1);
  const expected: string[] = [];
  const sent: Promise<void>[] = [];
  for (let round = 0; round < 200; round++) {
    sent.push(broker.bus.publish(message('a/r', `r${String(round)}`, { retain: true })));
    sent.push(broker.bus.publish(message('a/p', `p${String(round)}`)));
    expected.push(`r${String(round)}`, `p${String(round)}`);
  }
  await Promise.all(sent);
  for (const client of [clean, persistent]) assert.deepEqual(await client.texts(400), expected);
});

void test('a port in use is one sentence with host, port and what to do', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  await assert.rejects(unstarted('127.0.0.1', port).door.start(), {
    code: 'address_in_use',
    message: `MQTT cannot use 127.0.0.1:${String(port)}: another program has that port. Stop it or choose another port.`,
  });
});

void test('nothing is opened beyond loopback while there are no users', async () => {
  await assert.rejects(unstarted('0.0.0.0', 0).door.start(), { code: 'listen_failed' });
});

void test('a stop ends with half-open and unfinished connections, and a stopped broker starts again', async (t) => {
  const { broker, port, url } = await startBroker(t);
  const silent = await openRaw(t, port);
  const halfOpen = await openRawClient(t, port, 'half');
  halfOpen.socket.pause();
  halfOpen.send(subscribePacket('#', 0));
  const unfinished = await openRaw(t, port);
  unfinished.send(connectPacket('u').subarray(0, 5));
  const seen: string[] = [];
  await broker.bus.subscribe('after', 0, ({ topic }) => seen.push(topic));
  await broker.door.stop();
  await broker.stop();
  halfOpen.socket.resume();
  for (const connection of [silent, halfOpen, unfinished]) await connection.untilClosed();
  await assert.rejects(broker.bus.publish(message('a', 'x')), { code: 'closed' });
  await assert.rejects(mqtt.connectAsync(url, { reconnectPeriod: 0 }));
  await broker.start();
  await broker.bus.publish(message('after', 'x'));
  assert.deepEqual(seen, ['after']);
});

void test('a publish that still waits for a handler is rejected by the stop', async (t) => {
  const { broker } = await startBroker(t);
  await broker.bus.subscribeBeforeAck('slow', async () => new Promise(() => undefined));
  const publishing = broker.bus.publish(message('slow', 'x'));
  const rejected = assert.rejects(publishing, { code: 'closed' });
  await broker.stop();
  await rejected;
});

void test('a client of a version that there is not yet ends its own connection, with a line that says why', async (t) => {
  const { log, port } = await startBroker(t);
  const client = await openRaw(t, port);
  client.send(connectPacket('six', { version: 6 }));
  await client.untilClosed();
  assert.deepEqual(
    log.saying('failed before it was a client').map(({ fields }) => [fields['reason'], fields['address']]),
    [['Invalid protocol version', '127.0.0.1']],
  );
});

void test('a packet that is not MQTT ends its own connection only', async (t) => {
  const { broker, port, url } = await startBroker(t);
  const good = await connectClient(t, url);
  const bad = await openRawClient(t, port, 'bad');
  bad.send(header(0xf3, 2), Buffer.from([1, 2]));
  await bad.untilClosed();
  await good.publish('still', 'alive', { qos: 1 });
  assert.equal(broker.stats().clientErrors, 1);
});
