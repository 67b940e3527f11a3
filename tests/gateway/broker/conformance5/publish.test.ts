import assert from 'node:assert/strict';
import { answerPacket, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import type { RawPublish } from '../../../support/mqtt/raw-mqtt.js';
import { texts, twoBytes } from '../../../support/mqtt/raw-properties.js';
import {
  answers,
  NOT_UTF8,
  packet,
  PUBACK,
  PUBCOMP,
  published,
  publishes,
  PUBREC,
  statement,
  subscribe,
  text,
} from './statement.js';

const [NO_LOCAL, AS_PUBLISHED, IF_NEW, NEVER] = [4, 8, 0x10, 0x20];
const with5 = (publish: Partial<RawPublish>): Buffer =>
  publishPacket({ topic: 'a', text: 'x', properties: [], ...publish });

for (const [what, bytes] of [
  ['[MQTT-3.3.1-4] a PUBLISH with both bits of QoS', packet(0x36, text('a'), [0, 1, 0])],
  ['[MQTT-3.3.2-1] a topic that is not UTF-8', packet(0x30, NOT_UTF8, [0])],
  ['[MQTT-1.5.4-1] a topic with a surrogate', packet(0x30, [0, 3, 0xed, 0xa0, 0x80], [0])],
  ['[MQTT-1.5.4-2] [MQTT-4.7.3-2] a topic with U+0000', with5({ topic: 'a\0b' })],
  [
    '[MQTT-1.5.7-1] a user property that is not UTF-8',
    with5({ properties: texts('userProperty', 'a', [0xc3, 0x28]) }),
  ],
  ['[MQTT-3.3.2-2] [MQTT-4.7.0-1] a topic with #', with5({ topic: 'a/#' })],
  ['[MQTT-3.3.2-2] a topic with +', with5({ topic: 'a/+', qos: 1 })],
  ['[MQTT-4.7.3-1] a message without a topic', with5({ topic: '' })],
  ['[MQTT-2.2.1-3] a QoS 1 message with identifier 0', with5({ qos: 1, id: 0 })],
  ['[MQTT-3.3.2-8] Topic Alias 0', with5({ properties: twoBytes('topicAlias', 0) })],
  ['[MQTT-3.2.2-17] a Topic Alias above the most', with5({ properties: twoBytes('topicAlias', 0xffff) })],
  [
    '[MQTT-3.3.2-13] a response topic that is not UTF-8',
    with5({ properties: texts('responseTopic', [0xc3, 0x28]) }),
  ],
  [
    '[MQTT-3.3.2-19] a content type that is not UTF-8',
    with5({ properties: texts('contentType', [0xc3, 0x28]) }),
  ],
] as const)
  statement(`${what} ends the connection`, async (server) => {
    const client = await server.client('c');
    client.send(bytes);
    await client.untilClosed();
  });

for (const qos of [0, 1, 2] as const)
  statement(
    `[MQTT-3.3.2-14] a response topic with wildcards at QoS ${String(qos)} ends the connection`,
    async (server) => {
      const client = await server.client('c');
      client.send(with5({ qos, properties: texts('responseTopic', 'a/+') }));
      await client.untilClosed();
    },
    'Mosquitto 2.0.11 hands it on',
  );

statement(
  '[MQTT-3.3.4-6] a Subscription Identifier of a publisher ends the connection',
  async (server) => {
    const client = await server.client('c');
    client.send(with5({ properties: [0x0b, 1] }));
    await client.untilClosed();
  },
  'Mosquitto 2.0.11 takes the message without it',
);

statement('[MQTT-1.5.4-3] U+FEFF in a topic is kept', async (server) => {
  const reader = await server.subscriber('#', 0);
  await server.publish({ topic: '\uFEFFa', text: 'x' });
  assert.equal((await published(reader, 1))[0]?.topic, '\uFEFFa');
});

statement('[MQTT-4.7.3-4] topics are not normalized: other code points are another topic', async (server) => {
  const [composed, decomposed] = ['\u00e9', 'e\u0301'];
  const reader = await server.subscriber(composed, 0);
  await server.publish({ topic: decomposed, text: 'x' }, { topic: composed, text: 'x' });
  assert.equal((await published(reader, 1))[0]?.topic, composed);
});

statement(
  '[MQTT-3.3.4-1] QoS 1 gets a PUBACK, QoS 2 a PUBREC and [MQTT-4.3.3-11] a PUBCOMP, [MQTT-2.2.1-5] with its identifier, [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.7.2-1] and a code of theirs',
  async (server) => {
    const client = await server.client('c');
    client.send(with5({ qos: 1, id: 0x1234 }), with5({ qos: 2, id: 0x4321 }));
    await answers(client, PUBREC, 1);
    client.send(answerPacket(6, 0x4321));
    await answers(client, PUBCOMP, 1);
    for (const [type, id, codes] of [
      [PUBACK, 0x1234, [0, 0x10]],
      [PUBREC, 0x4321, [0, 0x10]],
      [PUBCOMP, 0x4321, [0]],
    ] as const) {
      const [answer] = await answers(client, type, 1);
      assert.equal(answer?.body.readUInt16BE(0), id);
      assert.ok((codes as readonly number[]).includes(answer.body[2] ?? 0));
    }
  },
);

statement(
  '[MQTT-3.3.1-5] a retained message replaces the one before, [MQTT-3.3.1-7] an empty one is not kept, [MQTT-3.3.1-6] and removes what was, [MQTT-3.3.1-8] a plain one does neither',
  async (server) => {
    const early = await server.subscriber('b', 0);
    await server.publish(
      { topic: 'a', text: 'old', qos: 1, retain: true },
      { topic: 'a', text: 'new', qos: 1, retain: true, id: 2 },
      { topic: 'a', text: 'plain', qos: 1, id: 3 },
      { topic: 'b', text: 'x', qos: 1, retain: true, id: 4 },
      { topic: 'b', text: '', qos: 1, retain: true, id: 5 },
    );
    const late = await server.client('late');
    await subscribe(late, '#', 0);
    await server.publish({ topic: 'end', text: 'end' });
    assert.deepEqual(
      (await published(late, 2)).map(({ text: said, retain }) => [said, retain]),
      [
        ['new', true],
        ['end', false],
      ],
    );
    assert.deepEqual(
      (await published(early, 2)).map(({ text: said }) => said),
      ['x', ''],
    );
  },
);

statement(
  '[MQTT-3.3.1-9] Retain Handling 0 brings what is retained each time, [MQTT-3.3.1-10] 1 where the filter is new, [MQTT-3.3.1-11] 2 never',
  async (server) => {
    await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
    for (const [handling, wanted] of [
      [0, 2],
      [IF_NEW, 1],
      [NEVER, 0],
    ] as const) {
      const reader = await server.client(`r${String(handling)}`);
      await subscribe(reader, 'a', handling);
      await subscribe(reader, 'a', handling);
      await subscribe(reader, `end${String(handling)}`, 0);
      await server.publish({ topic: `end${String(handling)}`, text: 'end' });
      await published(reader, wanted + 1);
      assert.equal(publishes(reader).filter(({ text: said }) => said === 'kept').length, wanted);
    }
  },
);

statement(
  '[MQTT-3.3.1-12] the retain flag is taken away, [MQTT-3.3.1-13] or kept as published where the filter says so',
  async (server) => {
    const [plain, kept] = [await server.subscriber('a', 1), await server.client('kept')];
    await subscribe(kept, 'a', 1 | AS_PUBLISHED);
    await server.publish(
      { topic: 'a', text: 'x', qos: 1, retain: true },
      { topic: 'a', text: 'y', qos: 1, id: 2 },
    );
    assert.deepEqual(
      (await published(plain, 2)).map(({ retain }) => retain),
      [false, false],
    );
    assert.deepEqual(
      (await published(kept, 2)).map(({ retain }) => retain),
      [true, false],
    );
  },
);

statement(
  '[MQTT-3.8.3-3] No Local keeps a client’s own messages from it, and from nobody else',
  async (server) => {
    const client = await server.client('c');
    const other = await server.subscriber('a', 0);
    await subscribe(client, 'a', NO_LOCAL);
    await subscribe(client, 'end', 0);
    client.send(with5({ text: 'own' }), with5({ topic: 'end', text: 'end' }));
    assert.equal((await published(client, 1))[0]?.text, 'end');
    assert.equal((await published(other, 1))[0]?.text, 'own');
  },
);
