// A client that takes another's id over keeps its own order, whatever of the other one is still on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectPacket, openRaw, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';

test("the former connection's will does not let a QoS 0 message past the QoS 1 message before it", async (t) => {
  const { broker, port } = await startBroker(t);
  const takes = new Map<string, () => void>();
  const order: string[] = [];
  await broker.bus.subscribeBeforeAck(
    'slow/+',
    async ({ topic }) => new Promise((resolve) => takes.set(topic, resolve)),
  );
  // Taken by a handler as well, so that aedes publishes it; but at once.
  await broker.bus.subscribeBeforeAck('quick', async () => Promise.resolve());
  await broker.bus.subscribe('#', 1, ({ payload }) => order.push(Buffer.from(payload).toString()));
  const former = await openRaw(t, port);
  former.send(connectPacket('c', { will: { topic: 'slow/will', text: 'will', qos: 1 } }));
  await former.bytes(4);
  const client = await openRaw(t, port);
  client.send(connectPacket('c'));
  await client.bytes(4);
  await until('the will', () => takes.has('slow/will'));
  client.send(
    publishPacket({ topic: 'slow/one', text: 'first', qos: 1, id: 1 }),
    publishPacket({ topic: 'quick', text: 'second', qos: 0 }),
  );
  await until('the message', () => takes.has('slow/one'));
  // Acknowledged in this turn and published in the next: the will comes between them.
  takes.get('slow/one')?.();
  takes.get('slow/will')?.();
  await until('all three', () => order.length === 3);
  assert.ok(order.indexOf('first') < order.indexOf('second'), order.join());
});
