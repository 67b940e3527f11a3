// A client's rate holds back what is larger than a read, too, and who is held back is neither taken for silent nor cut short.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { connectPacket, openRaw, openRawClient, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const PING = Buffer.from([0xc0, 0]);
const GOODBYE = Buffer.from([0xe0, 0]);
const FEW_PER_SECOND = { maxPublishesPerSecond: 10 };

void test('messages of a megabyte beyond the rate wait in the socket of who sends them', async (t) => {
  const clock = new FakeClock();
  const limits = { maxBytesPerSecond: 100_000 };
  const { broker, port } = await startBroker(t, limits, { anonymous: true, clock });
  const sender = await openRawClient(t, port, 'sender');
  const packet = publishPacket({ topic: 'a', text: 'x'.repeat(1_000_000) });
  for (let number = 0; number < 100; number++) sender.send(packet);
  let before = -1;
  await until('nothing more is read', () => {
    const { bytesIn } = broker.stats();
    const still = bytesIn === before && bytesIn > 1_000_000;
    before = bytesIn;
    return still;
  });
  assert.ok(broker.stats().messagesIn <= 2, `${String(broker.stats().messagesIn)} messages are in memory`);
  const { bytesIn } = broker.stats();
  for (let second = 0; second < 10; second++) await clock.advance(1000);
  await until('the next is read', () => broker.stats().bytesIn > bytesIn);
  sender.socket.resetAndDestroy();
  while (broker.stats().clients > 0) {
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

void test('a client that the rate holds back is not ended by its keep alive while it pings', async (t) => {
  const { port } = await startBroker(t, FEW_PER_SECOND);
  const sender = await openRaw(t, port);
  sender.send(connectPacket('sender', { keepAliveS: 1 }));
  for (let id = 1; id <= 45; id++) sender.send(publishPacket({ topic: 'a', text: '', qos: 1, id }));
  sender.send(PING);
  const acknowledged = (): number => packetsIn(sender.received).filter(({ type }) => type === 4).length;
  await until('all are acknowledged', () => sender.closed || acknowledged() === 45, 30_000);
  assert.equal(sender.closed, false);
  await until('its ping is answered', () => packetsIn(sender.received).some(({ type }) => type === 13));
});

void test('nor is it while one of its messages waits for longer than that', async (t) => {
  const { port } = await startBroker(t, { maxBytesPerSecond: 10_000 });
  const sender = await openRaw(t, port);
  sender.send(connectPacket('sender', { keepAliveS: 1 }));
  // The first spends what may be at once, and the second is three seconds' worth.
  for (const [id, bytes] of [10_000, 30_000].entries())
    sender.send(publishPacket({ topic: 'a', text: 'x'.repeat(bytes), qos: 1, id: id + 1 }));
  sender.send(PING);
  const answers = (): number[] => packetsIn(sender.received).map(({ type }) => type);
  await until('its ping is answered', () => sender.closed || answers().includes(13), 30_000);
  assert.deepEqual(answers(), [2, 4, 4, 13]);
});

void test('who says goodbye behind messages that wait for their turn loses none of them', async (t) => {
  const clock = new FakeClock();
  const { port, url } = await startBroker(t, FEW_PER_SECOND, { anonymous: true, clock });
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const sender = await openRawClient(t, port, 'sender');
  const texts = Array.from({ length: 25 }, (_, index) => String(index));
  sender.send(...texts.map((text) => publishPacket({ topic: 'a', text })), GOODBYE);
  sender.socket.end();
  await reader.texts(10);
  for (let tenth = 0; tenth < 15; tenth++) {
    await clock.advance(100);
    await reader.texts(Math.min(25, 11 + tenth));
  }
  assert.deepEqual(await reader.texts(25), texts);
  await sender.untilClosed();
});
