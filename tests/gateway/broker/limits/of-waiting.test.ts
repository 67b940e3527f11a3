// Limits of what waits for clients that are connected: messages under way, and bytes that nobody reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
} from '../../../support/mqtt/raw-mqtt.js';
import type { RawConnection } from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';

const LENGTH = publishPacket({ topic: 'a', text: '000', qos: 1 }).length;

/** The messages that came behind `head` bytes: their texts, and their packet identifiers. */
function messages(
  { received }: RawConnection,
  head: number,
): { readonly text: string; readonly id: number }[] {
  const count = Math.floor((received.length - head) / LENGTH);
  return Array.from({ length: count }, (_, index) => {
    const at = head + index * LENGTH;
    return {
      text: received.toString('utf8', at + LENGTH - 3, at + LENGTH),
      id: received.readUInt16BE(at + LENGTH - 5),
    };
  });
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index).padStart(3, '0'));

void test('a session has so many messages under way and no more; the next follow its acknowledgements, also after a return', async (t) => {
  const { port, url } = await startBroker(t, { maxInflightOutbound: 5 });
  const connectSlow = async (): Promise<RawConnection> => {
    const connection = await openRaw(t, port);
    connection.send(connectPacket('slow', { clean: false }));
    await connection.bytes(4);
    return connection;
  };
  const slow = await connectSlow();
  slow.send(subscribePacket('a', 1));
  await slow.bytes(9);
  const publisher = await connectClient(t, url);
  await publisher.subscribe('a', 1);
  for (const text of numbered(0, 20)) await publisher.publish('a', text, { qos: 1 });
  await publisher.texts(20);
  const texts = (): string[] => messages(slow, 9).map(({ text }) => text);
  await until('five are under way', () => texts().length >= 5);
  assert.deepEqual(texts(), numbered(0, 5));
  const [first, second] = messages(slow, 9);
  slow.send(answerPacket(4, first?.id ?? 0), answerPacket(4, second?.id ?? 0));
  await until('two more follow', () => texts().length >= 7);
  assert.deepEqual(texts(), numbered(0, 7));
  slow.socket.destroy();
  await slow.untilClosed();

  const back = await connectSlow();
  await until('what was under way comes again', () => messages(back, 4).length >= 5);
  assert.deepEqual(
    messages(back, 4).map(({ text }) => text),
    numbered(2, 7),
  );
  let answered = 0;
  while (answered < 18) {
    await until('the next come', () => messages(back, 4).length > answered);
    for (const { id } of messages(back, 4).slice(answered)) back.send(answerPacket(4, id));
    answered = messages(back, 4).length;
  }
  assert.deepEqual(
    messages(back, 4).map(({ text }) => text),
    numbered(2, 20),
  );
});

void test('when all clients together read too slowly, the one furthest behind is ended and the others stay', async (t) => {
  const total = 12 * 1024 * 1024;
  const { broker, log, port, url } = await startBroker(t, {
    maxBacklogBytes: total,
    maxWriteBufferBytes: 16 * total,
  });
  const stuck: RawConnection[] = [];
  for (const name of ['much', 'some']) {
    const client = await openRawClient(t, port, name);
    client.send(subscribePacket('all', 0));
    if (name === 'much') client.send(subscribePacket('much', 0));
    await client.bytes(name === 'much' ? 14 : 9);
    client.socket.pause();
    stuck.push(client);
  }
  const publisher = await connectClient(t, url);
  const text = 'x'.repeat(100_000);
  let sent = 0;
  while (broker.stats().breached === 0) {
    await publisher.publish('all', text, { qos: 1 });
    await publisher.publish('much', text, { qos: 1 });
    assert.ok((sent += 200_000) < 4 * total, 'one that does not read must have been ended by now');
  }
  const [ended, ...others] = log.saying('over its limits').map(({ fields }) => fields['client']);
  assert.deepEqual([ended, others], ['much', []]);
  assert.equal(broker.stats().clients, 2);
});
