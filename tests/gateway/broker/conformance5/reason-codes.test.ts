// Whatever a client of MQTT 5 sends wrongly gets the reason code that the standard has for it and a line in the log, and
// costs nobody else anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishPacket, subscribePacket, unsubscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import type { RawPublish } from '../../../support/mqtt/raw-mqtt.js';
import { fourBytes, oneByte, texts, twoBytes } from '../../../support/mqtt/raw-properties.js';
import { onEmbedded } from '../../../support/mqtt/statement.js';
import {
  answers,
  connack,
  connectWith,
  goodbye,
  NOT_UTF8,
  packet,
  PINGREQ,
  PUBACK,
  published,
  PUBREC,
  reasonOfEnd,
  SUBACK,
  text,
} from './statement.js';

const [MALFORMED, PROTOCOL_ERROR, IMPLEMENTATION, VERSION] = [0x81, 0x82, 0x83, 0x84];
const [CLIENT_ID, METHOD, FILTER, TOPIC, ALIAS, TOO_LARGE] = [0x85, 0x8c, 0x8f, 0x90, 0x94, 0x95];
const NAME = text('c');
const LIMITS = { maxPacketBytes: 1000, maxTopicBytes: 100, maxTopicLevels: 10, maxClientIdBytes: 100 };
const DEEP = 'a/'.repeat(10);

const connecting = (properties: readonly number[]): Buffer => connectWith(2, properties, NAME);
const will = (properties: readonly number[], topic = text('w')): Buffer =>
  connectWith(6, [], NAME, Buffer.from([properties.length, ...properties]), topic, text('x'));
const publishing = (publish: Partial<RawPublish>): Buffer =>
  publishPacket({ topic: 'a', text: 'x', properties: [], ...publish });
const having = (properties: readonly number[]): Buffer => publishing({ properties });
const subscribing = (filter: string, options = 0, properties: readonly number[] = []): Buffer =>
  subscribePacket(filter, options, 9, properties);
const twice = (property: readonly number[]): number[] => [...property, ...property];

type Wrong = readonly (readonly [what: string, code: number | undefined, bytes: Buffer])[];

/** In place of a CONNECT that is right. */
const FIRST: Wrong = [
  ['another packet', undefined, PINGREQ],
  ['another protocol', undefined, packet(0x10, text('MQTX'), [5, 2, 0, 60, 0], NAME)],
  ['a version to come', VERSION, packet(0x10, text('MQTT'), [6, 2, 0, 60, 0], NAME)],
  ['the reserved flag', MALFORMED, connectWith(3, [], NAME)],
  ['a will of QoS 3', MALFORMED, connectWith(0x1e, [], NAME, Buffer.from([0]), NAME, NAME)],
  ['the QoS of no will', MALFORMED, connectWith(0x0a, [], NAME)],
  ['no will to retain', MALFORMED, connectWith(0x22, [], NAME)],
  ['no payload', MALFORMED, connectWith(2, [])],
  ['more than there is to say', MALFORMED, connectWith(2, [], NAME, text('user'))],
  ['a client id that is not UTF-8', MALFORMED, connectWith(2, [], NOT_UTF8)],
  ['[MQTT-3.1.3-8] a client id that is too long', CLIENT_ID, connectWith(2, [], text('c'.repeat(101)))],
  [
    'properties that are cut short',
    MALFORMED,
    packet(0x10, text('MQTT'), [5, 2, 0, 60, 50, 0x11, 0, 0], NAME),
  ],
  ['a property that there is not', MALFORMED, connecting([0x7f, 1])],
  ['a property of another packet', MALFORMED, connecting(twoBytes('topicAlias', 1))],
  ['a property of the will', MALFORMED, connecting(fourBytes('willDelay', 1))],
  ['a user property that is not UTF-8', MALFORMED, connecting(texts('userProperty', 'a', [0xc3, 0x28]))],
  ['an expiry twice', PROTOCOL_ERROR, connecting(twice(fourBytes('sessionExpiry', 0)))],
  ['Receive Maximum 0', PROTOCOL_ERROR, connecting(twoBytes('receiveMaximum', 0))],
  ['Maximum Packet Size 0', PROTOCOL_ERROR, connecting(fourBytes('maximumPacketSize', 0))],
  ['no room for a CONNACK', IMPLEMENTATION, connecting(fourBytes('maximumPacketSize', 12))],
  ['a flag of 2', PROTOCOL_ERROR, connecting(oneByte('requestProblemInformation', 2))],
  ['authentication data alone', PROTOCOL_ERROR, connecting(texts('authenticationData', [1]))],
  ['an authentication method', METHOD, connecting(texts('authenticationMethod', 'x'))],
  ['a will topic with a wildcard', TOPIC, will([], text('a/#'))],
  ['a will topic that is not UTF-8', MALFORMED, will([], NOT_UTF8)],
  ['a will with a property of the session', MALFORMED, will(fourBytes('sessionExpiry', 1))],
  ['a will with wildcards to answer', PROTOCOL_ERROR, will(texts('responseTopic', 'a/+'))],
];

/** Behind the CONNACK. */
const LATER: Wrong = [
  ['a second CONNECT', PROTOCOL_ERROR, connecting([])],
  ['an AUTH', PROTOCOL_ERROR, packet(0xf0, [0x18, 0])],
  ['a CONNACK', PROTOCOL_ERROR, packet(0x20, [0, 0, 0])],
  ['a SUBACK', PROTOCOL_ERROR, packet(0x90, [0, 1, 0, 0])],
  ['a PINGREQ with a body', MALFORMED, packet(0xc0, [0])],
  ['type 0', MALFORMED, packet(0)],
  ['a length of five bytes', MALFORMED, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])],
  ['a packet that is too large', TOO_LARGE, publishing({ text: 'x'.repeat(1000) })],
  ['QoS 3', MALFORMED, packet(0x36, text('a'), [0, 1, 0])],
  ['an identifier of 0', PROTOCOL_ERROR, publishing({ qos: 1, id: 0 })],
  ['a topic that is not UTF-8', MALFORMED, packet(0x30, NOT_UTF8, [0])],
  ['a topic with U+0000', MALFORMED, publishing({ topic: 'a\0' })],
  ['a topic with #', TOPIC, publishing({ topic: 'a/#' })],
  ['a topic with +, of QoS 1', TOPIC, publishing({ topic: 'a/+', qos: 1 })],
  ['a topic of too many levels', TOPIC, publishing({ topic: DEEP })],
  ['no topic', PROTOCOL_ERROR, publishing({ topic: '' })],
  ['Topic Alias 0', ALIAS, having(twoBytes('topicAlias', 0))],
  ['a Topic Alias above the most', ALIAS, having(twoBytes('topicAlias', 33))],
  ['a Topic Alias nobody knows', ALIAS, publishing({ topic: '', properties: twoBytes('topicAlias', 1) })],
  ['a Topic Alias twice', PROTOCOL_ERROR, having(twice(twoBytes('topicAlias', 1)))],
  ['a Subscription Identifier with a message', PROTOCOL_ERROR, having([0x0b, 1])],
  ['a session’s property with a message', MALFORMED, having(fourBytes('sessionExpiry', 1))],
  ['an expiry of two bytes', MALFORMED, having([2, 0, 0])],
  ['a format of 2', PROTOCOL_ERROR, having(oneByte('payloadFormat', 2))],
  ['a content type that is not UTF-8', MALFORMED, having(texts('contentType', [0xc3, 0x28]))],
  ['a response topic with a wildcard', PROTOCOL_ERROR, having(texts('responseTopic', 'a/+'))],
  ['no properties', MALFORMED, packet(0x30, text('a'))],
  ['a SUBSCRIBE with other bits', MALFORMED, packet(0x80, [0, 9, 0], text('a'), [0])],
  ['a SUBSCRIBE for nothing', PROTOCOL_ERROR, packet(0x82, [0, 9, 0])],
  ['a SUBSCRIBE for QoS 3', PROTOCOL_ERROR, subscribing('a', 3)],
  ['Retain Handling 3', PROTOCOL_ERROR, subscribing('a', 0x30)],
  ['reserved options', MALFORMED, subscribing('a', 0x40)],
  ['a filter with a wildcard within a level', FILTER, subscribing('a#')],
  ['an empty filter', FILTER, subscribing('')],
  ['a filter of too many levels', FILTER, subscribing(DEEP)],
  ['Subscription Identifier 0', PROTOCOL_ERROR, subscribing('a', 0, [0x0b, 0])],
  ['two Subscription Identifiers', PROTOCOL_ERROR, subscribing('a', 0, [0x0b, 1, 0x0b, 2])],
  ['a message’s property with a SUBSCRIBE', MALFORMED, subscribing('a', 0, oneByte('payloadFormat', 0))],
  ['a shared filter with No Local', PROTOCOL_ERROR, subscribing('$share/g/a', 4)],
  ['a shared filter without a filter', PROTOCOL_ERROR, subscribing('$share/g')],
  ['an UNSUBSCRIBE for nothing', PROTOCOL_ERROR, packet(0xa2, [0, 9, 0])],
  ['an UNSUBSCRIBE from what is no filter', FILTER, unsubscribePacket('a+', 9, [])],
  ['a Subscription Identifier to unsubscribe', MALFORMED, unsubscribePacket('a', 9, [0x0b, 1])],
  ['a PUBACK with a code that there is not', MALFORMED, packet(0x40, [0, 1, 0x55])],
  ['a PUBACK with another’s property', MALFORMED, packet(0x40, [0, 1, 0, 2, 1, 0])],
  ['a PUBREL with other bits', MALFORMED, packet(0x60, [0, 1])],
  ['a DISCONNECT with other bits', MALFORMED, packet(0xe1)],
  ['a DISCONNECT with a code that there is not', MALFORMED, goodbye(0x55)],
  ['a DISCONNECT that makes its session stay', PROTOCOL_ERROR, goodbye(0, fourBytes('sessionExpiry', 9))],
];

function wrong(name: string, isFirst: boolean, code: number | undefined, bytes: Buffer): void {
  const said = code === undefined ? 'without a word' : `with 0x${code.toString(16)}`;
  void test(`${name} ends the connection ${said}, has a line in the log, and costs nobody else anything`, async (t) =>
    onEmbedded(
      t,
      5,
      async (server) => {
        const bystander = await server.subscriber('a', 1);
        const client = isFirst ? await server.socket() : await server.client('c');
        client.send(bytes);
        assert.equal(await reasonOfEnd(client), code);
        const lines =
          server.log?.lines.filter(({ level, fields }) => level === 'info' && 'address' in fields) ?? [];
        assert.equal(lines.length, 1, JSON.stringify(lines));
        await server.publish({ topic: 'a', text: 'still', qos: 1 });
        assert.equal((await published(bystander, 1))[0]?.text, 'still');
      },
      LIMITS,
    ));
}

for (const [what, code, bytes] of FIRST) wrong(`a connection that begins with ${what}`, true, code, bytes);
for (const [what, code, bytes] of LATER) wrong(what, false, code, bytes);

test('more half-done messages of QoS 2 than Receive Maximum end the connection with 0x93', async (t) =>
  onEmbedded(
    t,
    5,
    async (server) => {
      const client = await server.client('c');
      client.send(...[1, 2, 3].map((id) => publishing({ qos: 2, id })));
      assert.equal(await reasonOfEnd(client), 0x93);
      assert.equal(server.log?.saying('client error').length, 1);
    },
    { maxInflightInbound: 2 },
  ));

for (const [qos, type] of [
  [1, PUBACK],
  [2, PUBREC],
] as const)
  test(`a topic that is too long is refused with 0x90 at QoS ${String(qos)}, and the client stays`, async (t) =>
    onEmbedded(
      t,
      5,
      async (server) => {
        const client = await server.client('c');
        client.send(publishing({ topic: 'a'.repeat(101), qos }), publishing({ qos, id: 2 }));
        const [refused, taken] = await answers(client, type, 2);
        assert.equal(refused?.body[2], TOPIC);
        assert.equal(taken?.body[2] ?? 0, 0);
        assert.equal(server.log?.saying('too long').length, 1);
      },
      LIMITS,
    ));

test('a filter above a limit is refused in the SUBACK, and a SUBACK that is too large for its client ends it', async (t) =>
  onEmbedded(
    t,
    5,
    async (server) => {
      const client = await server.client('c', { properties: fourBytes('maximumPacketSize', 30) });
      assert.equal(connack(client).reason, 0);
      const filters = (count: number): Buffer =>
        packet(0x82, [0, 9, 0], ...Array.from({ length: count }, (_, at) => [...text(String(at)), 0]));
      client.send(filters(3));
      const [suback] = await answers(client, SUBACK, 1);
      assert.ok((suback?.body.at(-1) ?? 0) >= 0x80);
      client.send(filters(30));
      assert.equal(await reasonOfEnd(client), IMPLEMENTATION);
    },
    { maxSubscriptions: 2 },
  ));
