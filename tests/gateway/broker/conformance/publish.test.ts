import assert from 'node:assert/strict';
import { answerPacket, header, publishPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';
import { ofType, published, publishes, statement, subscribe } from './statement.js';

statement('[MQTT-3.3.1-4] a PUBLISH with both bits of QoS ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(header(0x36, 6), Buffer.from([0, 1, 0x61, 0, 1, 0x78]));
  await client.untilClosed();
});

for (const topic of ['a/#', 'a/+', ''])
  statement(`[MQTT-3.3.2-2] a PUBLISH to the topic "${topic}" ends the connection`, async (server) => {
    const client = await server.client('c');
    client.send(publishPacket({ topic, text: 'x' }));
    await client.untilClosed();
  });

statement('[MQTT-1.5.3-1] a topic that is not UTF-8 ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(header(0x30, 4), Buffer.from([0, 2, 0xc3, 0x28]));
  await client.untilClosed();
});

statement('[MQTT-1.5.3-2] a topic with U+0000 ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(publishPacket({ topic: 'a\0b', text: 'x' }));
  await client.untilClosed();
});

statement('[MQTT-2.3.1-1] a QoS 1 PUBLISH with identifier 0 ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(publishPacket({ topic: 'a', text: 'x', qos: 1, id: 0 }));
  await client.untilClosed();
});

statement(
  '[MQTT-3.3.4-1] QoS 1 gets a PUBACK, QoS 2 a PUBREC and a PUBCOMP, with its identifier',
  async (server) => {
    const client = await server.client('c');
    client.send(publishPacket({ topic: 'a', text: 'x', qos: 1, id: 0x1234 }));
    await client.bytes(8);
    client.send(publishPacket({ topic: 'a', text: 'x', qos: 2, id: 0x4321 }));
    await client.bytes(12);
    client.send(answerPacket(6, 0x4321));
    const answers = await client.bytes(16);
    const wanted = [0x40, 2, 0x12, 0x34, 0x50, 2, 0x43, 0x21, 0x70, 2, 0x43, 0x21];
    assert.deepEqual([...answers.subarray(4)], wanted);
  },
);

statement(
  '[MQTT-4.3.3-2] a QoS 2 message that comes again before its PUBREL is delivered once',
  async (server) => {
    const reader = await server.subscriber('a', 0);
    const client = await server.client('c');
    client.send(publishPacket({ topic: 'a', text: 'once', qos: 2, id: 7 }));
    await client.bytes(8);
    client.send(publishPacket({ topic: 'a', text: 'once', qos: 2, id: 7, dup: true }));
    await client.bytes(12);
    client.send(answerPacket(6, 7));
    await client.bytes(16);
    client.send(publishPacket({ topic: 'a', text: 'end' }));
    assert.deepEqual(
      (await published(reader, 2)).map(({ text }) => text),
      ['once', 'end'],
    );
  },
);

statement('[MQTT-3.3.1-3] the DUP flag of a publisher is not handed on', async (server) => {
  const reader = await server.subscriber('a', 1);
  await server.publish({ topic: 'a', text: 'x', qos: 1, id: 5, dup: true });
  assert.equal((await published(reader, 1))[0]?.dup, false);
});

statement(
  '[MQTT-3.3.1-8] a retained message comes with the flag to who subscribes, [MQTT-3.3.1-9] without it to others',
  async (server) => {
    const early = await server.subscriber('a', 1);
    await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
    assert.equal((await published(early, 1))[0]?.retain, false);
    const late = await server.client('late');
    await subscribe(late, 'a', 1);
    assert.equal((await published(late, 1))[0]?.retain, true);
  },
);

statement(
  '[MQTT-3.3.1-5] a retained message replaces the one before, [MQTT-3.3.1-11] an empty one is not kept',
  async (server) => {
    await server.publish(
      { topic: 'a', text: 'old', qos: 1, retain: true },
      { topic: 'a', text: 'new', qos: 1, retain: true, id: 2 },
      { topic: 'b', text: 'x', qos: 1, retain: true, id: 3 },
      { topic: 'b', text: '', qos: 1, retain: true, id: 4 },
    );
    const late = await server.client('late');
    await subscribe(late, '#', 0);
    await server.publish({ topic: 'end', text: 'end' });
    assert.deepEqual(
      (await published(late, 2)).map(({ text }) => text),
      ['new', 'end'],
    );
  },
);

statement(
  '[MQTT-3.3.5-1] overlapping filters bring the highest QoS among them',
  async (server) => {
    const reader = await server.client('r');
    await subscribe(reader, 'a/#', 0);
    await subscribe(reader, '+/b', 2);
    await subscribe(reader, 'a/b', 1);
    await server.publish({ topic: 'a/b', text: 'x', qos: 2 });
    // Some brokers send a copy for each filter.
    await until('a copy with QoS 2', () => publishes(reader).some(({ qos }) => qos === 2));
  },
  'Mosquitto 2.0.11 takes the QoS of the first filter that matches',
);

for (const [filter, kind] of [
  ['a/b', 'plain'],
  ['a/+', 'wildcard'],
] as const)
  statement(`[MQTT-3.8.4-6] a ${kind} filter's QoS lowers that of a message`, async (server) => {
    await server.publish({ topic: 'a/b', text: 'kept', qos: 2, retain: true });
    const reader = await server.subscriber(filter, 1);
    await published(reader, 1);
    await server.publish({ topic: 'a/b', text: 'live', qos: 2, id: 2 });
    assert.deepEqual(
      (await published(reader, 2)).map(({ qos }) => qos),
      [1, 1],
    );
  });

statement(
  '[MQTT-4.4.0-1] what was not acknowledged comes again with its identifier, [MQTT-3.3.1-1] marked as a duplicate',
  async (server) => {
    const away = await server.subscriber('a', 2, { clean: false });
    await server.publish(
      { topic: 'a', text: 'one', qos: 1, id: 1 },
      { topic: 'a', text: 'two', qos: 2, id: 2 },
    );
    const sent = await published(away, 2);
    away.socket.destroy();
    await away.untilClosed();
    await server.publish({ topic: 'a', text: 'new', qos: 1, id: 3 });
    const back = await server.client('reads-a', { clean: false });
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

statement('[MQTT-4.4.0-1] a PUBREL that was not answered comes again', async (server) => {
  const away = await server.subscriber('a', 2, { clean: false });
  await server.publish({ topic: 'a', text: 'x', qos: 2 });
  const [message] = await published(away, 1);
  away.send(answerPacket(5, message?.id ?? 0));
  await until('the PUBREL', () => ofType(away, 6).length > 0);
  away.socket.destroy();
  await away.untilClosed();
  const back = await server.client('reads-a', { clean: false });
  await until('the PUBREL again', () => ofType(back, 6).length > 0);
  assert.equal(ofType(back, 6)[0]?.body.readUInt16BE(0), message?.id);
});

statement(
  '[MQTT-4.6.0-6] messages of one publisher and QoS keep their order, with others between them',
  async (server) => {
    const reader = await server.subscriber('a/#', 1);
    const publisher = await server.client('p');
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    publisher.send(
      ...texts.map((text, index) =>
        publishPacket({
          topic: `a/${String(index % 3)}`,
          text,
          qos: 1,
          id: index + 1,
          retain: index % 7 === 0,
        }),
      ),
    );
    assert.deepEqual(
      (await published(reader, 20)).map(({ text }) => text),
      texts,
    );
  },
);

statement('[MQTT-2.2.2-2] a PUBREL with wrong reserved bits ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(Buffer.from([0x60, 2, 0, 1]));
  await client.untilClosed();
});

statement(
  '[MQTT-4.7.2-1] a filter that begins with a wildcard does not match a topic that begins with $',
  async (server) => {
    const reader = await server.client('r');
    reader.send(subscribePacket('#', 0), subscribePacket('+/broker/uptime', 0, 2));
    await server.publish({ topic: 'end', text: 'x' });
    assert.deepEqual(
      (await published(reader, 1)).map(({ topic }) => topic),
      ['end'],
    );
  },
);
