// The last message before the broker stops reaches those who are still busy with the ones before it.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { sayFarewell } from '../../../../gateway/broker/doors/farewell.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { openRawClient, publishPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';

/** More than the kernel holds between the two (4 MB to send and 6 MB to receive, as Linux sets tcp_wmem and tcp_rmem). */
const CHUNK_BYTES = 128 * 1024;
const CHUNKS = 128;

test('a client that sends, and has much to read yet, still gets the last message', async (t) => {
  const { broker, port } = await startBroker(t, {
    maxWriteBufferBytes: 4 * CHUNKS * CHUNK_BYTES,
    farewellMs: 20_000,
  });
  const client = await openRawClient(t, port, 'busy');
  client.send(subscribePacket('last', 0));
  await client.bytes(4 + 5);
  client.socket.pause();
  const payload = Buffer.alloc(CHUNK_BYTES, 'x');
  for (let chunk = 0; chunk < CHUNKS; chunk += 1)
    await broker.bus.publish({ topic: 'last', payload, qos: 0, retain: false });
  await broker.bus.publish({ topic: 'last', payload: Buffer.from('offline'), qos: 0, retain: false });
  await broker.door.stop();
  client.send(...Array.from({ length: 2000 }, () => publishPacket({ topic: 'a', text: 'x'.repeat(1000) })));
  const stopped = broker.stop();
  client.socket.resume();
  await stopped;
  await client.untilClosed();
  assert.equal(client.received.subarray(-7).toString(), 'offline');
});

test('a client that reads nothing any more holds up the stop only for the time it is given', async (t) => {
  const { broker, port } = await startBroker(t, { farewellMs: 50, stopDeadlineMs: 60_000 });
  const client = await openRawClient(t, port, 'asleep');
  client.socket.pause();
  await broker.stop();
  client.socket.resume();
  await client.untilClosed();
});

test('a client that goes just then is not waited for', async () => {
  const leaving = new Duplex({ read: () => undefined });
  const farewell = sayFarewell([leaving], () => undefined);
  leaving.destroy();
  await farewell;
  assert.equal(leaving.closed, true);
});
