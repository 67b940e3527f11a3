import assert from 'node:assert/strict';
import { header } from '../../../support/mqtt/raw-mqtt.js';
import { ofType, published, statement, subscribe } from './statement.js';

function filterBytes(filter: string): Buffer {
  return Buffer.concat([Buffer.from([0, filter.length]), Buffer.from(filter)]);
}

function subscribeTo(first: number, ...wanted: readonly (readonly [filter: string, qos: number])[]): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 9]),
    ...wanted.flatMap(([filter, qos]) => [filterBytes(filter), Buffer.from([qos])]),
  ]);
  return Buffer.concat([header(first, body.length), body]);
}

const WRONG: readonly (readonly [sentence: string, bytes: Buffer])[] = [
  ['[MQTT-3.8.1-1] a SUBSCRIBE with wrong reserved bits', subscribeTo(0x80, ['a', 0])],
  ['[MQTT-3.8.3-3] a SUBSCRIBE without a filter', subscribeTo(0x82)],
  ['[MQTT-3-8.3-4] a SUBSCRIBE for QoS 3', subscribeTo(0x82, ['a', 3])],
  [
    '[MQTT-2.3.1-1] a SUBSCRIBE with identifier 0',
    Buffer.concat([header(0x82, 6), Buffer.from([0, 0, 0, 1, 0x61, 0])]),
  ],
  [
    '[MQTT-3.10.1-1] an UNSUBSCRIBE with wrong reserved bits',
    Buffer.concat([header(0xa0, 5), Buffer.from([0, 9]), filterBytes('a')]),
  ],
  ['[MQTT-3.10.3-2] an UNSUBSCRIBE without a filter', Buffer.concat([header(0xa2, 2), Buffer.from([0, 9])])],
  ['[MQTT-3.14.1-1] a DISCONNECT with wrong reserved bits', Buffer.from([0xe1, 0])],
  ['[MQTT-4.7.3-1] a SUBSCRIBE to an empty filter', subscribeTo(0x82, ['', 0])],
];

for (const [sentence, bytes] of WRONG)
  statement(`${sentence} ends the connection`, async (server) => {
    const client = await server.client('c');
    client.send(bytes);
    await client.untilClosed();
  });

for (const filter of ['a#', 'a/#/b', '#/a', 'a+', '+a', 'a/b+', 'a/+b', 'ab+/c', 'a/##'])
  statement(`[MQTT-4.7.1-2] [MQTT-4.7.1-3] the filter ${filter} is refused`, async (server) => {
    const client = await server.client('c');
    client.send(subscribeTo(0x82, [filter, 0]));
    await client.untilClosed();
  });

statement(
  '[MQTT-3.8.4-5] a SUBSCRIBE of several filters is answered for each, in their order',
  async (server) => {
    const client = await server.client('c');
    client.send(subscribeTo(0x82, ['a', 2], ['b', 0], ['c/#', 1]));
    const answer = (await client.bytes(11)).subarray(4);
    assert.deepEqual([...answer], [0x90, 5, 0, 9, 2, 0, 1]);
  },
);

statement(
  '[MQTT-3.8.4-3] a filter that is subscribed again brings its retained messages again, at the new QoS',
  async (server) => {
    await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
    const reader = await server.subscriber('a', 0);
    await published(reader, 1);
    await subscribe(reader, 'a', 1);
    await published(reader, 2);
    await server.publish({ topic: 'a', text: 'live', qos: 1, id: 2 });
    const all = await published(reader, 3);
    assert.deepEqual(
      all.map(({ text, qos, retain }) => [text, qos, retain]),
      [
        ['kept', 0, true],
        ['kept', 1, true],
        ['live', 1, false],
      ],
    );
  },
);

statement(
  '[MQTT-3.10.4-5] an UNSUBSCRIBE is answered whether it matched or not, [MQTT-3.10.4-2] and nothing comes after it',
  async (server) => {
    const client = await server.subscriber('a', 1);
    for (const filter of ['a', 'never'])
      client.send(Buffer.concat([header(0xa2, 4 + filter.length), Buffer.from([0, 9]), filterBytes(filter)]));
    await client.bytes(4 + 5 + 8);
    await subscribe(client, 'end', 0);
    await server.publish({ topic: 'a', text: 'x', qos: 1 }, { topic: 'end', text: 'end' });
    assert.deepEqual(
      (await published(client, 1)).map(({ text }) => text),
      ['end'],
    );
    assert.equal(ofType(client, 11).length, 2);
  },
);

statement(
  '[MQTT-4.7.1-2] a filter ending in /# matches its parent level, [MQTT-4.7.1-3] + exactly one level, empty ones too',
  async (server) => {
    const hash = await server.subscriber('a/#', 0);
    const plus = await server.subscriber('a/+', 0);
    await server.publish(...['a', 'a/b', 'a/b/c', 'a/', '/a', 'b'].map((topic) => ({ topic, text: 'x' })));
    await server.publish({ topic: 'a/end', text: 'x' });
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
