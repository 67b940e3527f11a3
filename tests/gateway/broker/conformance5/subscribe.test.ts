import assert from 'node:assert/strict';
import { subscribePacket, unsubscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { twoBytes } from '../../../support/mqtt/raw-properties.js';
import {
  answers,
  NOT_UTF8,
  ofType,
  packet,
  pinged,
  PINGREQ,
  PINGRESP,
  PUBACK,
  published,
  publishes,
  PUBREC,
  statement,
  SUBACK,
  subscribe,
  text,
  UNSUBACK,
} from './statement.js';

const [NO_LOCAL, RESERVED] = [4, 0x40];
const filters = (...wanted: readonly (readonly [filter: string, options: number])[]): Buffer =>
  packet(0x82, [0, 9, 0], ...wanted.flatMap(([filter, options]) => [text(filter), [options]]));
const unsubscribe = (...all: readonly string[]): Buffer => packet(0xa2, [0, 9, 0], ...all.map(text));

for (const [what, bytes] of [
  ['[MQTT-3.8.1-1] a SUBSCRIBE with wrong reserved bits', packet(0x80, [0, 9, 0], text('a'), [0])],
  ['[MQTT-3.8.3-1] a filter that is not UTF-8', packet(0x82, [0, 9, 0], NOT_UTF8, [0])],
  ['[MQTT-3.8.3-2] a SUBSCRIBE without a filter', filters()],
  ['[MQTT-3.8.3-5] a SUBSCRIBE with reserved options', filters(['a', RESERVED])],
  ['[MQTT-2.2.1-3] a SUBSCRIBE with identifier 0', packet(0x82, [0, 0, 0], text('a'), [0])],
  ['[MQTT-3.10.1-1] an UNSUBSCRIBE with wrong reserved bits', packet(0xa0, [0, 9, 0], text('a'))],
  ['[MQTT-3.10.3-1] a filter to unsubscribe that is not UTF-8', packet(0xa2, [0, 9, 0], NOT_UTF8)],
  ['[MQTT-3.10.3-2] an UNSUBSCRIBE without a filter', unsubscribe()],
  ['[MQTT-4.7.3-1] an empty filter', filters(['', 0])],
  ['[MQTT-4.7.3-2] a filter with U+0000', filters(['a\0', 0])],
  ['[MQTT-3.6.1-1] a PUBREL with wrong reserved bits', Buffer.from([0x60, 2, 0, 1])],
  ...['a#', 'a/#/b', '#/a', 'a/##'].map(
    (filter) => [`[MQTT-4.7.1-1] the filter ${filter}`, filters([filter, 0])] as const,
  ),
  ...['a+', '+a', 'a/b+', 'a/+b', 'ab+/c'].map(
    (filter) => [`[MQTT-4.7.1-2] the filter ${filter}`, filters([filter, 0])] as const,
  ),
] as const)
  statement(`${what} ends the connection`, async (server) => {
    const client = await server.client('c');
    client.send(bytes);
    await client.untilClosed();
  });

for (const [tag, filter, options] of [
  ['[MQTT-4.8.2-1]', '$share//a', 0],
  ['[MQTT-4.8.2-2]', '$share/g', 0],
  ['[MQTT-4.8.2-2]', '$share/+/a', 0],
  ['[MQTT-3.8.3-4]', '$share/g/a', NO_LOCAL],
] as const)
  statement(
    `${tag} the shared filter ${filter} with options ${String(options)} ends the connection`,
    async (server) => {
      const client = await server.client('c');
      client.send(filters([filter, options]));
      await client.untilClosed();
    },
    'Mosquitto 2.0.11 takes it',
  );

statement(
  '[MQTT-3.8.4-5] a SUBSCRIBE of several filters is answered [MQTT-3.8.4-1] by a SUBACK [MQTT-3.8.4-2] with its identifier, [MQTT-3.8.4-6] for each, [MQTT-3.9.3-1] in their order, [MQTT-3.8.4-7] with the QoS granted',
  async (server) => {
    const client = await server.client('c');
    client.send(filters(['a', 2], ['b', 0], ['c/#', 1]));
    const [answer] = await answers(client, SUBACK, 1);
    assert.deepEqual([...(answer?.body ?? [])], [0, 9, 0, 2, 0, 1]);
  },
);

statement(
  '[MQTT-3.8.4-3] a filter that is subscribed again takes the place of the one before, [MQTT-3.8.4-4] brings its retained messages again and loses nothing',
  async (server) => {
    await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
    const reader = await server.subscriber('a', 0);
    await published(reader, 1);
    await subscribe(reader, 'a', 1, [0x0b, 5]);
    await published(reader, 2);
    await server.publish({ topic: 'a', text: 'live', qos: 1, id: 2 });
    const all = await published(reader, 3);
    assert.deepEqual(
      all.map(({ text: said, qos, retain, properties }) => [said, qos, retain, properties.length]),
      [
        ['kept', 0, true, 0],
        ['kept', 1, true, 1],
        ['live', 1, false, 1],
      ],
    );
  },
);

for (const [filter, kind] of [
  ['a/b', 'plain'],
  ['a/+', 'wildcard'],
] as const)
  statement(`[MQTT-3.8.4-8] a ${kind} filter’s QoS lowers that of a message`, async (server) => {
    await server.publish({ topic: 'a/b', text: 'kept', qos: 2, retain: true });
    const reader = await server.subscriber(filter, 1);
    await published(reader, 1);
    await server.publish({ topic: 'a/b', text: 'live', qos: 2, id: 2 });
    await server.publish({ topic: 'a/b', text: 'low', qos: 0 });
    assert.deepEqual(
      (await published(reader, 3)).map(({ qos }) => qos),
      [1, 1, 0],
    );
  });

statement(
  '[MQTT-3.10.4-1] a filter is unsubscribed by its characters alone, [MQTT-3.10.4-4] an UNSUBACK [MQTT-3.10.4-5] with the identifier says what was not there, [MQTT-3.11.3-1] in order, [MQTT-3.11.3-2] by 0x11; [MQTT-3.10.4-6] one for several filters',
  async (server) => {
    const client = await server.client('c');
    client.send(filters(['a/b', 1], ['a/+', 0]));
    await answers(client, SUBACK, 1);
    client.send(unsubscribe('a/#', 'a/b', 'A/B'));
    const [answer] = await answers(client, UNSUBACK, 1);
    assert.deepEqual([...(answer?.body ?? [])], [0, 9, 0, 0x11, 0, 0x11]);
    await server.publish({ topic: 'a/b', text: 'x', qos: 1 });
    assert.equal((await published(client, 1))[0]?.qos, 0);
  },
);

statement('[MQTT-2.2.1-6] a SUBACK and an UNSUBACK have the identifiers of their packets', async (server) => {
  const client = await server.client('c');
  client.send(subscribePacket('a', 0, 0x1234, []), unsubscribePacket('a', 0x4321, []));
  const [unsuback] = await answers(client, UNSUBACK, 1);
  assert.equal(ofType(client, SUBACK)[0]?.body.readUInt16BE(0), 0x1234);
  assert.equal(unsuback?.body.readUInt16BE(0), 0x4321);
});

statement('[MQTT-3.12.4-1] a PINGREQ is answered', async (server) => {
  const client = await server.client('pings');
  client.send(PINGREQ, PINGREQ);
  const pongs = await answers(client, PINGRESP, 2);
  assert.deepEqual(
    pongs.map(({ flags, body }) => [flags, body.length]),
    [
      [0, 0],
      [0, 0],
    ],
  );
});

statement(
  '[MQTT-3.3.2-3] a message comes by the topic that it was published on, to the filters that match it',
  async (server) => {
    const hash = await server.subscriber('a/#', 0);
    const plus = await server.subscriber('a/+', 0);
    await server.publish(
      ...['a', 'a/b', 'a/b/c', 'a/', '/a', 'A/b', 'a/end'].map((topic) => ({ topic, text: 'x' })),
    );
    assert.deepEqual(
      (await published(hash, 5)).map(({ topic }) => topic),
      ['a', 'a/b', 'a/b/c', 'a/', 'a/end'],
    );
    assert.deepEqual(
      (await published(plus, 3)).map(({ topic }) => topic),
      ['a/b', 'a/', 'a/end'],
    );
  },
);

statement(
  '[MQTT-4.7.2-1] a filter that begins with a wildcard does not match a topic that begins with $',
  async (server) => {
    const reader = await server.client('r');
    reader.send(filters(['#', 0], ['+/broker/uptime', 0]));
    await server.publish({ topic: 'end', text: 'x' });
    assert.deepEqual(
      (await published(reader, 1)).map(({ topic }) => topic),
      ['end'],
    );
  },
);

statement(
  '[MQTT-4.8.2-3] each message goes to one of a group, with the QoS that it was granted',
  async (server) => {
    const one = await server.client('one');
    const two = await server.client('two');
    await subscribe(one, '$share/g/a', 0);
    await subscribe(two, '$share/g/a', 1);
    for (const id of [1, 2, 3, 4]) await server.publish({ topic: 'a', text: String(id), qos: 2, id });
    await Promise.all([pinged(one), pinged(two)]);
    assert.equal(publishes(one).length + publishes(two).length, 4);
    assert.ok(publishes(one).every(({ qos }) => qos === 0));
    assert.ok(publishes(two).every(({ qos }) => qos === 1));
    assert.ok(publishes(one).length > 0 && publishes(two).length > 0);
  },
);

for (const [type, qos] of [
  [PUBACK, 1],
  [PUBREC, 2],
] as const)
  statement(
    `[MQTT-4.8.2-6] a message of a group that a member refuses at QoS ${String(qos)} is nobody else’s`,
    async (server) => {
      const one = await server.client('one', { properties: twoBytes('receiveMaximum', 5) });
      await subscribe(one, '$share/g/a', 2);
      await server.publish({ topic: 'a', text: 'refused', qos });
      const [message] = await published(one, 1);
      const two = await server.client('two');
      await subscribe(two, '$share/g/a', 2);
      one.send(packet(type << 4, [(message?.id ?? 0) >> 8, (message?.id ?? 0) & 0xff, 0x80]));
      await pinged(one);
      one.socket.destroy();
      await one.untilClosed();
      await subscribe(two, 'end', 0);
      await server.publish({ topic: 'end', text: 'end' });
      assert.deepEqual(
        (await published(two, 1)).map(({ text: said }) => said),
        ['end'],
      );
    },
  );
