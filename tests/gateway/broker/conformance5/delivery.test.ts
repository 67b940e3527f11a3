import assert from 'node:assert/strict';
import { answerPacket, publishPacket, unsubscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import type { RawPublish } from '../../../support/mqtt/raw-mqtt.js';
import { fourBytes, twoBytes } from '../../../support/mqtt/raw-properties.js';
import { until } from '../../../support/waiting.js';
import {
  answers,
  ofType,
  packet,
  pinged,
  PUBACK,
  PUBCOMP,
  published,
  publishes,
  PUBREC,
  PUBREL,
  statement,
  subscribe,
  UNSUBACK,
} from './statement.js';

const STAYS = { clean: false, properties: fourBytes('sessionExpiry', 60) };
const TAKES_ONE = { properties: twoBytes('receiveMaximum', 1) };
const with5 = (publish: Partial<RawPublish>): Buffer =>
  publishPacket({ topic: 'a', text: 'x', properties: [], ...publish });
const texts = (messages: readonly { readonly text: string }[]): string[] => messages.map(({ text }) => text);
/** A PUBACK or PUBREC that says no. */
const refusal = (type: number, id: number): Buffer => packet(type << 4, [id >> 8, id & 0xff, 0x80]);

statement(
  '[MQTT-4.4.0-1] what was not acknowledged comes again with its identifier, [MQTT-3.3.1-1] marked as a duplicate, and ahead of what is new',
  async (server) => {
    const away = await server.subscriber('a', 2, STAYS);
    await server.publish(
      { topic: 'a', text: 'one', qos: 1, id: 1 },
      { topic: 'a', text: 'two', qos: 2, id: 2 },
    );
    const sent = await published(away, 2);
    away.socket.destroy();
    await away.untilClosed();
    await server.publish({ topic: 'a', text: 'new', qos: 1, id: 3 });
    const back = await server.client('reads-a', STAYS);
    const again = await published(back, 3);
    assert.deepEqual(
      again.map(({ text, dup }) => [text, dup]),
      [
        ['one', true],
        ['two', true],
        ['new', false],
      ],
    );
    assert.deepEqual(
      again.slice(0, 2).map(({ id }) => id),
      sent.map(({ id }) => id),
    );
  },
);

statement(
  '[MQTT-4.3.3-5] a PUBREL that was not answered comes again, [MQTT-4.3.3-6] and its message does not; [MQTT-4.3.3-4] it has its identifier, [MQTT-3.6.2-1] and code 0',
  async (server) => {
    const away = await server.subscriber('a', 2, STAYS);
    await server.publish({ topic: 'a', text: 'x', qos: 2 });
    const [message] = await published(away, 1);
    const id = message?.id ?? 0;
    away.send(answerPacket(5, id));
    const [release] = await answers(away, PUBREL, 1);
    assert.deepEqual([release?.body.readUInt16BE(0), release?.body[2] ?? 0], [id, 0]);
    away.socket.destroy();
    await away.untilClosed();
    const back = await server.client('reads-a', STAYS);
    const [again] = await answers(back, PUBREL, 1);
    assert.equal(again?.body.readUInt16BE(0), id);
    await pinged(back);
    assert.equal(publishes(back).length, 0);
  },
);

statement(
  '[MQTT-4.3.3-7] what was sent does not expire',
  async (server) => {
    const away = await server.subscriber('a', 2, STAYS);
    await server.publish({ topic: 'a', text: 'x', qos: 2, properties: fourBytes('messageExpiry', 3) });
    await published(away, 1);
    away.socket.destroy();
    await away.untilClosed();
    await new Promise((resolve) => setTimeout(resolve, 3300));
    const back = await server.client('reads-a', STAYS);
    const [again] = await published(back, 1);
    back.send(answerPacket(5, again?.id ?? 0));
    await answers(back, PUBREL, 1);
  },
  // In whole seconds of its clock: one of a second is still there after 1.1 s nine times in ten.
  'Mosquitto 2.0.11 takes it away when its client comes back',
);

for (const [type, qos] of [
  [PUBACK, 1],
  [PUBREC, 2],
] as const)
  statement(
    `[MQTT-4.4.0-2] a message that was refused at QoS ${String(qos)} does not come again, and is not under way any more`,
    async (server) => {
      const properties = [...STAYS.properties, ...TAKES_ONE.properties];
      const reader = await server.subscriber('a', 2, { ...STAYS, properties });
      await server.publish({ topic: 'a', text: 'refused', qos }, { topic: 'a', text: 'next', qos, id: 2 });
      const [first] = await published(reader, 1);
      reader.send(refusal(type, first?.id ?? 0));
      assert.deepEqual(texts(await published(reader, 2)), ['refused', 'next']);
      reader.socket.destroy();
      const back = await server.client('reads-a', STAYS);
      assert.deepEqual(texts(await published(back, 1)), ['next']);
    },
  );

statement('[MQTT-4.4.0-2] nor in a session that ends with its connection', async (server) => {
  const reader = await server.subscriber('a', 2, TAKES_ONE);
  for (const [id, text] of ['1', '2', '3'].entries())
    await server.publish({ topic: 'a', text, qos: 2, id: id + 1 });
  for (const count of [1, 2]) {
    const messages = await published(reader, count);
    reader.send(refusal(PUBREC, messages.at(-1)?.id ?? 0));
  }
  assert.deepEqual(texts(await published(reader, 3)), ['1', '2', '3']);
});

statement(
  '[MQTT-4.3.2-5] a QoS 1 message with the identifier of one that is acknowledged is new, whatever its DUP; [MQTT-3.3.1-3] which is not handed on',
  async (server) => {
    const reader = await server.subscriber('a', 1);
    const client = await server.client('c');
    client.send(with5({ qos: 1, id: 7, text: 'one' }));
    await answers(client, PUBACK, 1);
    client.send(with5({ qos: 1, id: 7, text: 'two', dup: true }));
    const messages = await published(reader, 2);
    assert.deepEqual(texts(messages), ['one', 'two']);
    assert.deepEqual(
      messages.map(({ dup }) => dup),
      [false, false],
    );
  },
);

statement(
  '[MQTT-4.3.3-10] a QoS 2 message that comes again before its PUBREL is delivered once, [MQTT-4.3.3-12] and after its PUBCOMP is a new one',
  async (server) => {
    const reader = await server.subscriber('a', 0);
    const client = await server.client('c');
    client.send(with5({ qos: 2, id: 7, text: 'once' }));
    await answers(client, PUBREC, 1);
    client.send(with5({ qos: 2, id: 7, text: 'once', dup: true }));
    await answers(client, PUBREC, 2);
    client.send(answerPacket(6, 7));
    await answers(client, PUBCOMP, 1);
    client.send(with5({ qos: 2, id: 7, text: 'new' }));
    await answers(client, PUBREC, 3);
    client.send(answerPacket(6, 7));
    assert.deepEqual(texts(await published(reader, 2)), ['once', 'new']);
  },
);

statement(
  '[MQTT-4.3.3-13] a QoS 2 message that expires meanwhile is acknowledged to its end',
  async (server) => {
    const client = await server.client('c');
    client.send(with5({ qos: 2, id: 7, properties: fourBytes('messageExpiry', 0) }));
    await answers(client, PUBREC, 1);
    client.send(answerPacket(6, 7));
    await answers(client, PUBCOMP, 1);
  },
);

statement(
  '[MQTT-3.3.4-9] no more than the client’s Receive Maximum is under way, [MQTT-4.9.0-2] each that is done with makes room for one',
  async (server) => {
    const reader = await server.subscriber('a', 2, { properties: twoBytes('receiveMaximum', 2) });
    for (const [id, text] of ['1', '2', '3', '4'].entries())
      await server.publish({ topic: 'a', text, qos: id % 2 === 0 ? 1 : 2, id: id + 1 });
    await published(reader, 2);
    await pinged(reader);
    assert.deepEqual(texts(publishes(reader)), ['1', '2']);
    reader.send(answerPacket(4, publishes(reader)[0]?.id ?? 0));
    await published(reader, 3);
    reader.send(answerPacket(5, publishes(reader)[1]?.id ?? 0));
    await answers(reader, PUBREL, 1);
    reader.send(answerPacket(7, publishes(reader)[1]?.id ?? 0));
    assert.deepEqual(texts(await published(reader, 4)), ['1', '2', '3', '4']);
  },
);

statement('[MQTT-3.3.4-9] a QoS 2 message is under way until its PUBCOMP', async (server) => {
  const reader = await server.subscriber('a', 2, TAKES_ONE);
  await server.publish({ topic: 'a', text: '1', qos: 2 }, { topic: 'a', text: '2', qos: 2, id: 2 });
  const [first] = await published(reader, 1);
  reader.send(answerPacket(5, first?.id ?? 0));
  await answers(reader, PUBREL, 1);
  await pinged(reader);
  assert.equal(publishes(reader).length, 1);
});

statement(
  '[MQTT-3.3.4-10] who has its Receive Maximum under way is answered all the same, [MQTT-4.9.0-3] and heard',
  async (server) => {
    const reader = await server.subscriber('a', 1, TAKES_ONE);
    const other = await server.subscriber('b', 0);
    await server.publish({ topic: 'a', text: '1', qos: 1 }, { topic: 'a', text: '2', qos: 1, id: 2 });
    await published(reader, 1);
    await pinged(reader);
    await subscribe(reader, 'c', 0);
    reader.send(with5({ topic: 'b', qos: 1, id: 9 }));
    await answers(reader, PUBACK, 1);
    await published(other, 1);
    await server.publish({ topic: 'c', text: 'of QoS 0' });
    await until('QoS 0 beside it', () => texts(publishes(reader)).includes('of QoS 0'));
  },
);

statement(
  '[MQTT-4.6.0-5] messages of one publisher and QoS keep their order, [MQTT-4.6.0-6] on every topic',
  async (server) => {
    const reader = await server.subscriber('a/#', 1);
    const publisher = await server.client('p');
    const all = Array.from({ length: 20 }, (_, index) => String(index));
    publisher.send(
      ...all.map((text, index) =>
        with5({ topic: `a/${String(index % 3)}`, text, qos: 1, id: index + 1, retain: index % 7 === 0 }),
      ),
    );
    assert.deepEqual(texts(await published(reader, 20)), all);
  },
);

statement(
  '[MQTT-4.3.1-1] [MQTT-3.3.1-2] a QoS 0 message has no DUP, [MQTT-2.2.1-2] and no identifier; [MQTT-4.3.2-2] [MQTT-4.3.3-2] the first of QoS 1 and 2 have no DUP, [MQTT-2.2.1-4] and identifiers that are not 0 and not in use',
  async (server) => {
    const reader = await server.subscriber('a', 2);
    const messages = [0, 1, 2, 1, 2].map((qos, at) => ({
      topic: 'a',
      text: String(at),
      qos: qos as 0 | 1 | 2,
      id: at + 1,
    }));
    for (const message of messages) await server.publish(message);
    const received = await published(reader, 5);
    assert.deepEqual(texts(received), ['0', '1', '2', '3', '4']);
    assert.ok(received.every(({ dup }) => !dup));
    const ids = received.filter(({ qos }) => qos > 0).map(({ id }) => id);
    assert.equal(new Set(ids).size, 4);
    assert.ok(!ids.includes(0));
  },
);

statement(
  '[MQTT-3.10.4-3] a handshake that has begun is finished after an UNSUBSCRIBE, [MQTT-3.10.4-2] and nothing new comes',
  async (server) => {
    const reader = await server.subscriber('a', 2);
    await server.publish({ topic: 'a', text: 'x', qos: 2 });
    const [message] = await published(reader, 1);
    reader.send(unsubscribePacket('a', 9, []));
    await answers(reader, UNSUBACK, 1);
    reader.send(answerPacket(5, message?.id ?? 0));
    await answers(reader, PUBREL, 1);
    reader.send(answerPacket(7, message?.id ?? 0));
    await subscribe(reader, 'end', 0);
    await server.publish({ topic: 'a', text: 'y' }, { topic: 'end', text: 'end' });
    assert.deepEqual(texts(await published(reader, 2)), ['x', 'end']);
    assert.equal(ofType(reader, PUBREL).length, 1);
  },
);
