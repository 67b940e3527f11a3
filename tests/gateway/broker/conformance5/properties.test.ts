import assert from 'node:assert/strict';
import { publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import type { RawPublish } from '../../../support/mqtt/raw-mqtt.js';
import { fourBytes, oneByte, texts, twoBytes, valuesOf } from '../../../support/mqtt/raw-properties.js';
import { connack, goodbye, pinged, published, publishes, statement, subscribe } from './statement.js';

const LARGE = { topic: 'a', text: 'x'.repeat(200), qos: 1 } as const;
const with5 = (publish: Partial<RawPublish>): Buffer =>
  publishPacket({ topic: 'a', text: 'x', properties: [], ...publish });

statement(
  '[MQTT-3.3.2-4] the Payload Format, [MQTT-3.3.2-15] Response Topic, [MQTT-3.3.2-16] Correlation Data, [MQTT-3.3.2-17] User Properties and [MQTT-3.3.2-20] Content Type go through unaltered',
  async (server) => {
    const properties = [
      ...[
        ...oneByte('payloadFormat', 1),
        ...texts('responseTopic', 'me/\u00e9'),
        ...texts('contentType', 'text/x'),
      ],
      ...[
        ...texts('correlationData', [1, 2, 3]),
        ...texts('userProperty', 'n', ''),
        ...texts('userProperty', 'n', 'v'),
      ],
    ];
    const early = await server.subscriber('a/#', 2);
    for (const qos of [0, 1, 2] as const)
      await server.publish({ topic: `a/${String(qos)}`, text: 'x', qos, retain: true, properties });
    const late = await server.client('late');
    await subscribe(late, 'a/#', 2);
    for (const message of [...(await published(early, 3)), ...(await published(late, 3))]) {
      assert.deepEqual(valuesOf(message.properties, 'payloadFormat'), [1]);
      assert.deepEqual(valuesOf(message.properties, 'responseTopic'), ['me/\u00e9']);
      assert.deepEqual(valuesOf(message.properties, 'contentType'), ['text/x']);
      assert.deepEqual(valuesOf(message.properties, 'correlationData'), ['\x01\x02\x03']);
      assert.deepEqual(valuesOf(message.properties, 'userProperty'), [
        ['n', ''],
        ['n', 'v'],
      ]);
    }
  },
);

statement('[MQTT-3.3.2-18] user properties keep their order, whatever their names', async (server) => {
  const pairs = ['b', 'a', 'b'].map((name, at) => [name, String(at)] as const);
  const properties = pairs.flatMap((pair) => texts('userProperty', ...pair));
  const reader = await server.subscriber('a/#', 2);
  for (const qos of [0, 1, 2] as const)
    await server.publish({ topic: `a/${String(qos)}`, text: 'x', qos, retain: true, properties });
  const late = await server.client('late');
  await subscribe(late, 'a/#', 2);
  for (const message of [...(await published(reader, 3)), ...(await published(late, 3))])
    assert.deepEqual(valuesOf(message.properties, 'userProperty'), pairs);
});

statement(
  '[MQTT-3.3.4-2] overlapping filters bring the highest QoS among them, [MQTT-3.3.4-3] with their identifiers, [MQTT-3.3.4-4] all of them in one copy, [MQTT-3.3.4-5] or each in its own',
  async (server) => {
    const reader = await server.client('r');
    await subscribe(reader, 'a/#', 0, [0x0b, 1]);
    await subscribe(reader, '+/b', 2, [0x0b, 2]);
    await subscribe(reader, 'a/b', 1, [0x0b, 0x80, 1]);
    await server.publish({ topic: 'a/b', text: 'x', qos: 2 });
    const copies = await published(reader, 1);
    const identifiers = (): unknown[] =>
      publishes(reader).flatMap(({ properties }) => valuesOf(properties, 'subscriptionIdentifier'));
    await pinged(reader);
    assert.deepEqual(new Set(identifiers()), new Set([1, 2, 128]));
    assert.equal(identifiers().length, 3);
    assert.ok(copies.length > 0 && publishes(reader).some(({ qos }) => qos === 2));
  },
);

statement(
  '[MQTT-3.3.2-12] each Topic Alias that CONNACK allows is taken, [MQTT-3.3.2-7] and not known to the next connection; [MQTT-3.1.2-27] who takes none is sent none',
  async (server) => {
    const reader = await server.subscriber('a', 0);
    const client = await server.client('c');
    const [most] = valuesOf(connack(client).properties, 'topicAliasMaximum') as number[];
    assert.ok(most !== undefined && most > 0);
    for (let alias = 1; alias <= most; alias++)
      client.send(
        with5({ properties: twoBytes('topicAlias', alias) }),
        with5({ topic: '', properties: twoBytes('topicAlias', alias) }),
      );
    for (const { topic, properties } of await published(reader, 2 * most)) {
      assert.equal(topic, 'a');
      assert.deepEqual(valuesOf(properties, 'topicAlias'), []);
    }
    client.send(goodbye());
    await client.untilClosed();
    const next = await server.client('c');
    next.send(with5({ topic: '', properties: twoBytes('topicAlias', 1) }));
    await next.untilClosed();
  },
);

statement(
  '[MQTT-3.1.2-26] [MQTT-3.3.2-11] no Topic Alias above the client’s most is sent, and each stands for its topic',
  async (server) => {
    const reader = await server.client('r', { properties: twoBytes('topicAliasMaximum', 2) });
    await subscribe(reader, '#', 0);
    const topics = ['a', 'b', 'c', 'a', 'b', 'c'];
    await server.publish(...topics.map((topic) => ({ topic, text: topic })));
    const known = new Map<unknown, string>();
    for (const { topic, text: said, properties } of await published(reader, topics.length)) {
      const [alias] = valuesOf(properties, 'topicAlias');
      assert.ok(alias === undefined || (Number(alias) >= 1 && Number(alias) <= 2));
      if (topic !== '') known.set(alias, topic);
      assert.equal(topic === '' ? known.get(alias) : topic, said);
    }
  },
);

statement('[MQTT-3.1.2-24] what is larger than its client takes is not sent to it', async (server) => {
  const reader = await server.subscriber('a', 1, { properties: fourBytes('maximumPacketSize', 100) });
  await server.publish(LARGE, { topic: 'a', text: 'fits', qos: 1, id: 2 });
  assert.equal((await published(reader, 1))[0]?.text, 'fits');
});

statement(
  '[MQTT-3.1.2-25] and counts as sent and acknowledged',
  async (server) => {
    const properties = [...fourBytes('maximumPacketSize', 100), ...twoBytes('receiveMaximum', 1)];
    const reader = await server.subscriber('a', 1, { properties });
    await server.publish(LARGE, { topic: 'a', text: 'fits', qos: 1, id: 2 });
    assert.equal((await published(reader, 1))[0]?.text, 'fits');
  },
  'Mosquitto 2.0.11 keeps its place among those under way',
);
