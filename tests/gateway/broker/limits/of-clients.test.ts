// Limits that need somebody who does nothing, too much, or stays away: reached, and nobody else hurt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import {
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';

void test('a thousand idle connections keep nobody out: the oldest go, who says CONNECT stays', async (t) => {
  const { broker, port, url } = await startBroker(t, { maxPending: 20, maxConnectionsPerAddress: 60 });
  const early = await openRawClient(t, port, 'early');
  const idle: RawConnection[] = [];
  for (let number = 0; number < 1000; number++) idle.push(await openRaw(t, port));
  const late = await connectClient(t, url);
  await late.subscribe('a');
  await late.publish('a', 'heard', { qos: 1 });
  await late.message('a');
  assert.equal(early.closed, false);
  await until('all but the newest are ended', () => idle.filter(({ closed }) => !closed).length <= 20);
  assert.ok(broker.stats().evicted >= 980);
  assert.equal(broker.stats().refused, 0);
});

void test('one address has so many connections and no more, and gets a place back', async (t) => {
  const { broker, log, port } = await startBroker(t, { maxConnectionsPerAddress: 2 });
  const first = await openRawClient(t, port, 'one');
  await openRawClient(t, port, 'two');
  const third = await openRaw(t, port);
  await third.untilClosed();
  assert.equal(log.saying('2 of its address already')[0]?.fields['address'], '127.0.0.1');
  first.socket.destroy();
  await until('a free place', () => broker.stats().clients === 1);
  await openRawClient(t, port, 'three');
});

void test('a topic of too many levels or bytes ends the connection, a filter is refused', async (t) => {
  const { port, url } = await startBroker(t, { maxTopicLevels: 5, maxTopicBytes: 100 });
  for (const topic of ['a/b/c/d/e/f', 'x'.repeat(101)]) {
    for (const qos of [0, 1, 2] as const) {
      const sender = await openRawClient(t, port, `sender${String(qos)}`);
      sender.send(publishPacket({ topic, text: '', qos }));
      await sender.untilClosed();
    }
  }
  const client = await connectClient(t, url);
  await assert.rejects(client.subscribe('x'.repeat(101), 1));
  await client.subscribe('x'.repeat(100), 1);
  await client.publish('x'.repeat(100), 'fits', { qos: 1 });
  await client.texts(1);
  const raw = await openRawClient(t, port, 'raw');
  raw.send(subscribePacket('a/b/c/d/e/f', 1));
  await raw.untilClosed();
});

for (const [name, limits, text] of [
  ['publishes', { maxPublishesPerSecond: 10 }, 'x'],
  ['bytes', { maxBytesPerSecond: 10_000 }, 'x'.repeat(999)],
] as const) {
  void test(`${name} beyond a client's rate pass later, in order; none is lost, and others do not wait`, async (t) => {
    const clock = new FakeClock();
    const { port, url } = await startBroker(t, limits, { anonymous: true, clock });
    const reader = await connectClient(t, url);
    await reader.subscribe('a', 1);
    const sender = await openRawClient(t, port, 'sender');
    for (let id = 1; id <= 25; id++)
      sender.send(publishPacket({ topic: 'a', text, qos: id % 2 === 0 ? 1 : 0, id }));
    await reader.texts(10);
    const other = await connectClient(t, url);
    await other.publish('a', 'other', { qos: 1 });
    assert.deepEqual((await reader.texts(11)).at(-1), 'other');
    await clock.advance(1000);
    await reader.texts(21);
    await clock.advance(1000);
    await reader.texts(26);
  });
}

void test('a flood beyond the rate waits in the socket of who sends it, not in memory', async (t) => {
  const { broker, port } = await startBroker(
    t,
    { maxPublishesPerSecond: 10 },
    { anonymous: true, clock: new FakeClock() },
  );
  const sender = await openRawClient(t, port, 'sender');
  const packet = publishPacket({ topic: 'a', text: 'x'.repeat(10_000) });
  for (let number = 0; number < 5000; number++) sender.send(packet);
  await until('the sender has to wait', () => sender.socket.writableLength > 30_000_000);
  const other = await connectClient(t, `mqtt://127.0.0.1:${String(port)}`);
  await other.publish('b', 'through', { qos: 1 });
  assert.ok(broker.stats().messagesIn < 200, `${String(broker.stats().messagesIn)} messages are in memory`);
});

void test('a message waits for an absent client only so long, and a session is forgotten', async (t) => {
  const clock = new FakeClock();
  const limits = { maxQueuedAgeMs: 60_000, sessionExpiryMs: 600_000 };
  const { broker, url } = await startBroker(t, limits, { anonymous: true, clock });
  const options = { clientId: 'keeper', clean: false };
  const leave = async (): Promise<void> => {
    const client = await connectClient(t, url, options);
    await client.subscribe('a', 1);
    await client.mqtt.endAsync();
    await until('it is gone', () => broker.stats().clients === 0);
  };
  const say = async (text: string): Promise<void> =>
    broker.bus.publish({ topic: 'a', payload: Buffer.from(text), qos: 1, retain: false });
  await leave();
  await say('old');
  await clock.advance(50_000);
  await say('young');
  await clock.advance(20_000);
  assert.equal(broker.stats().droppedQueued, 1);
  const back = await connectClient(t, url, options);
  assert.deepEqual(await back.texts(1), ['young']);
  await back.mqtt.endAsync();
  await until('it is gone', () => broker.stats().clients === 0);
  await clock.advance(700_000);
  assert.deepEqual([broker.stats().expiredSessions, broker.stats().droppedSessions], [1, 0]);
  await say('for nobody');
  const anew = await connectClient(t, url, options);
  await anew.subscribe('a', 1);
  await say('live');
  assert.deepEqual(await anew.texts(1), ['live']);
});
