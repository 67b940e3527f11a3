// Packet identifiers are given out in one place, and none that is in use [MQTT-2.3.1-2].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn, publishesIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const PING = Buffer.from([0xc0, 0]);

async function pong(connection: RawConnection): Promise<void> {
  const pongs = (): number => packetsIn(connection.received).filter(({ type }) => type === 13).length;
  const before = pongs();
  connection.send(PING);
  await until('its ping is answered', () => pongs() > before, 60_000);
}

for (const qos of [1, 2] as const)
  void test(`what waited for a client gets identifiers that nothing else has, with QoS ${String(qos)}`, async (t) => {
    const { broker, port } = await startBroker(t);
    const publish = async (from: number, to: number): Promise<void> => {
      for (let number = from; number < to; number++)
        await broker.bus.publish({ topic: 'a', payload: Buffer.from(String(number)), qos, retain: false });
    };
    const chance = t.mock.method(Math, 'random', () => 0.5);
    const first = await openRaw(t, port);
    first.send(connectPacket('reader', { clean: false }), subscribePacket('a', qos));
    await pong(first);
    const storedBefore = broker.stats().stored;
    await publish(0, 10);
    await until('they are sent', () => publishesIn(first.received).length === 10);
    first.socket.destroy();
    await until('it is gone', () => broker.stats().clients === 0);
    await publish(10, 30);
    const second = await openRaw(t, port);
    second.send(connectPacket('reader', { clean: false }));
    await until('all are here', () => publishesIn(second.received).length >= 30);
    chance.mock.restore();
    const received = publishesIn(second.received);
    assert.deepEqual(
      received.map(({ text }) => text),
      Array.from({ length: 30 }, (_, number) => String(number)),
    );
    assert.equal(new Set(received.map(({ id }) => id)).size, 30);
    second.send(...received.map(({ id }) => answerPacket(qos === 1 ? 4 : 5, id)));
    if (qos === 2) {
      const released = (): number[] =>
        packetsIn(second.received)
          .filter(({ type }) => type === 6)
          .map(({ body }) => body.readUInt16BE(0));
      await until('all are released', () => released().length === 30);
      second.send(...released().map((id) => answerPacket(7, id)));
    }
    await pong(second);
    assert.equal(broker.stats().stored, storedBefore);
  });

void test('a client that acknowledges nothing, with all that may be under way, holds up nobody', async (t) => {
  const { broker, port } = await startBroker(t, {
    maxInflightOutbound: 65_535,
    maxQueuedMessages: 100_000,
    maxQueuedBytes: 100_000_000,
  });
  await broker.bus.publish({ topic: 'kept', payload: Buffer.from('7'), qos: 1, retain: true });
  const reader = await openRaw(t, port);
  reader.send(connectPacket('reader', { clean: false }), subscribePacket('a', 1));
  await pong(reader);
  reader.socket.on('data', () => undefined);
  for (let number = 0; number < 65_540; number++) {
    const sent = broker.bus.publish({ topic: 'a', payload: Buffer.alloc(1), qos: 1, retain: false });
    if (number % 1000 === 0) await sent;
  }
  const other = await openRaw(t, port);
  other.send(connectPacket('other'));
  await pong(other);
  reader.received = Buffer.alloc(0);
  reader.send(subscribePacket('kept', 1, 2));
  await until(
    'the retained message',
    () => publishesIn(reader.received).some(({ topic }) => topic === 'kept'),
    60_000,
  );
  await pong(other);
});

void test('a client whose session ends with its connection gets another identifier with each message', async (t) => {
  const { broker, port } = await startBroker(t);
  const reader = await openRaw(t, port);
  reader.send(connectPacket('reader'), subscribePacket('a', 1));
  await pong(reader);
  for (const text of ['0', '1', '2'])
    await broker.bus.publish({ topic: 'a', payload: Buffer.from(text), qos: 1, retain: false });
  await until('all are here', () => publishesIn(reader.received).length === 3);
  assert.equal(new Set(publishesIn(reader.received).map(({ id }) => id)).size, 3);
});

void test('of a client that says how many it takes none that it has not acknowledged is given anew', async (t) => {
  const { broker, port } = await startBroker(t);
  const reader = await openRaw(t, port);
  const most = [0x21, 3, 0xe8];
  reader.send(connectPacket('reader', { version: 5, properties: most }), subscribePacket('a', 1, 1, []));
  await until('the SUBACK', () => packetsIn(reader.received).some(({ type }) => type === 9));
  const ids: number[] = [];
  // All the others, once around, as many at once as it takes; the first is not acknowledged.
  while (ids.length < 65_536) {
    const burst = Math.min(900, 65_536 - ids.length);
    reader.received = Buffer.alloc(0);
    await Promise.all(
      Array.from({ length: burst }, async () =>
        broker.bus.publish({ topic: 'a', payload: Buffer.from('x'), qos: 1, retain: false }),
      ),
    );
    await until('they are here', () => publishesIn(reader.received).length === burst);
    const got = publishesIn(reader.received).map(({ id }) => id);
    reader.send(...(ids.length === 0 ? got.slice(1) : got).map((id) => answerPacket(4, id)));
    ids.push(...got);
  }
  assert.equal(new Set(ids).size, 65_535);
  assert.equal(ids.lastIndexOf(ids[0] ?? 0), 0);
});
