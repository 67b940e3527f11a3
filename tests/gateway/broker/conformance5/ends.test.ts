// How a connection ends, what becomes of its will, and of its session.
import assert from 'node:assert/strict';
import { answerPacket, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { fourBytes, PROPERTY, texts, twoBytes, valuesOf } from '../../../support/mqtt/raw-properties.js';
import {
  answers,
  connack,
  DISCONNECT,
  goodbye,
  ofType,
  packet,
  pinged,
  PINGREQ,
  PINGRESP,
  published,
  publishes,
  PUBREL,
  reasonOfEnd,
  statement,
  subscribe,
} from './statement.js';

const GONE = { topic: 'will', text: 'gone', qos: 1 as const };
const STAYS = { clean: false, properties: fourBytes('sessionExpiry', 60) };
const DELAYED = { ...GONE, properties: fourBytes('willDelay', 60) };

statement(
  '[MQTT-3.1.2-7] a will is published when the connection breaks, [MQTT-3.1.2-14] not retained, [MQTT-3.1.2-10] and once',
  async (server) => {
    const reader = await server.subscriber('will', 1);
    const broken = await server.client('broken', { will: GONE });
    broken.socket.destroy();
    const [message] = await published(reader, 1);
    assert.deepEqual([message?.text, message?.qos, message?.retain], ['gone', 1, false]);
    const back = await server.client('broken');
    back.socket.destroy();
    await back.untilClosed();
    await server.publish({ topic: 'will', text: 'end', qos: 1 });
    assert.equal((await published(reader, 2))[1]?.text, 'end');
  },
);

statement('[MQTT-3.1.2-8] a will is published after a protocol error', async (server) => {
  const reader = await server.subscriber('will', 0);
  const wrong = await server.client('wrong', { will: GONE });
  wrong.send(packet(0xf1, [0x18, 0]));
  await wrong.untilClosed();
  await published(reader, 1);
});

for (const reason of [0x04, 0x80, 0x97])
  statement(
    `[MQTT-3.1.2-8] a will is published after a DISCONNECT with 0x${reason.toString(16)}`,
    async (server) => {
      const reader = await server.subscriber('will', 0);
      const client = await server.client('c', { will: GONE });
      client.send(goodbye(reason));
      await client.untilClosed();
      await published(reader, 1);
    },
    reason === 0x04 ? undefined : 'Mosquitto 2.0.11 does so for 0x04 alone',
  );

statement('[MQTT-3.14.4-3] a will is forgotten after a DISCONNECT with 0', async (server) => {
  const reader = await server.subscriber('will', 0);
  for (const word of [packet(0xe0), goodbye()]) {
    const proper = await server.client('proper', { will: GONE });
    proper.send(word);
    await proper.untilClosed();
  }
  await server.publish({ topic: 'will', text: 'end' });
  assert.equal((await published(reader, 1))[0]?.text, 'end');
});

statement('[MQTT-3.1.2-15] a retained will is retained', async (server) => {
  const early = await server.subscriber('will', 0);
  const broken = await server.client('broken', { will: { ...GONE, retain: true } });
  broken.socket.destroy();
  await published(early, 1);
  const late = await server.client('late');
  await subscribe(late, 'will', 1);
  assert.equal((await published(late, 1))[0]?.retain, true);
});

statement(
  '[MQTT-3.1.3-9] a delayed will is not published where its client is back in time',
  async (server) => {
    const reader = await server.subscriber('will', 0);
    const first = await server.client('c', { ...STAYS, will: DELAYED });
    first.socket.destroy();
    const back = await server.client('c', STAYS);
    back.send(goodbye());
    await back.untilClosed();
    await server.publish({ topic: 'will', text: 'end' });
    assert.equal((await published(reader, 1))[0]?.text, 'end');
  },
);

statement(
  '[MQTT-3.1.2-8] and at once where the session ends ahead of its delay',
  async (server) => {
    const reader = await server.subscriber('will', 0);
    const client = await server.client('c', { will: DELAYED });
    client.socket.destroy();
    await published(reader, 1);
  },
  'Mosquitto 2.0.11 waits for the delay',
);

statement('[MQTT-3.1.3-10] the user properties of a will keep their order', async (server) => {
  const pairs = [
    ['b', '1'],
    ['a', '2'],
    ['b', ''],
  ] as const;
  const reader = await server.subscriber('will', 0);
  const properties = [
    ...texts('contentType', 'text/x'),
    ...pairs.flatMap((pair) => texts('userProperty', ...pair)),
  ];
  const client = await server.client('c', { will: { ...GONE, properties } });
  client.socket.destroy();
  const [message] = await published(reader, 1);
  assert.deepEqual(valuesOf(message?.properties ?? [], 'userProperty'), pairs);
  assert.deepEqual(valuesOf(message?.properties ?? [], 'contentType'), ['text/x']);
});

statement(
  '[MQTT-3.1.2-23] [MQTT-4.5.0-1] a session with an expiry is kept, with what comes meanwhile, [MQTT-4.1.0-2] and one without is not',
  async (server) => {
    const kept = await server.subscriber('a', 1, STAYS);
    const gone = await server.client('gone');
    await subscribe(gone, 'a', 1);
    for (const client of [kept, gone]) {
      client.send(goodbye());
      await client.untilClosed();
    }
    await server.publish({ topic: 'a', text: 'x', qos: 1 });
    const back = await server.client('reads-a', STAYS);
    assert.equal((await published(back, 1))[0]?.text, 'x');
    const empty = await server.client('gone', { clean: false });
    await pinged(empty);
    assert.deepEqual([connack(empty).flags, publishes(empty).length], [0, 0]);
  },
);

statement('[MQTT-4.1.0-2] a DISCONNECT may end a session that was to stay', async (server) => {
  const client = await server.subscriber('a', 1, STAYS);
  client.send(goodbye(0, fourBytes('sessionExpiry', 0)));
  await client.untilClosed();
  const back = await server.client('reads-a', STAYS);
  assert.equal(connack(back).flags, 0);
});

statement(
  '[MQTT-3.14.4-3] a DISCONNECT that would make a session stay that ends with its connection is 0x82, and does not take its will back',
  async (server) => {
    const reader = await server.subscriber('will', 0);
    const client = await server.client('c', { will: GONE });
    client.send(goodbye(0, fourBytes('sessionExpiry', 60)));
    assert.equal(await reasonOfEnd(client), 0x82);
    await published(reader, 1);
  },
);

statement(
  '[MQTT-4.8.2-4] a QoS 2 message of a group that was sent is finished when its member is back',
  async (server) => {
    const member = await server.client('member', STAYS);
    await subscribe(member, '$share/g/a', 2);
    await server.publish({ topic: 'a', text: 'x', qos: 2 });
    const [sent] = await published(member, 1);
    member.socket.destroy();
    await member.untilClosed();
    const other = await server.client('other');
    await subscribe(other, '$share/g/a', 2);
    const back = await server.client('member', STAYS);
    const [again] = await published(back, 1);
    assert.equal(again?.id, sent?.id);
    back.send(answerPacket(5, again?.id ?? 0));
    await answers(back, PUBREL, 1);
    await pinged(other);
    assert.equal(publishes(other).length, 0);
  },
);

statement('[MQTT-4.8.2-5] and is nobody else’s when its session ends', async (server) => {
  const member = await server.client('member');
  await subscribe(member, '$share/g/a', 2);
  await server.publish({ topic: 'a', text: 'x', qos: 2 });
  await published(member, 1);
  const other = await server.client('other');
  await subscribe(other, '$share/g/a', 2);
  member.socket.destroy();
  await member.untilClosed();
  await subscribe(other, 'end', 0);
  await server.publish({ topic: 'end', text: 'end' });
  assert.equal((await published(other, 1))[0]?.text, 'end');
});

statement(
  '[MQTT-3.14.1-1] a DISCONNECT with reserved bits is 0x81',
  async (server) => {
    const client = await server.client('c');
    client.send(packet(0xe1));
    assert.equal(await reasonOfEnd(client), 0x81);
  },
  'Mosquitto 2.0.11 ends it without a word',
);

statement(
  '[MQTT-4.13.1-1] a malformed packet ends the connection, [MQTT-3.14.4-2] behind a DISCONNECT [MQTT-3.14.2-1] with a code of its own [MQTT-3.14.2-2] and no session expiry, [MQTT-3.14.4-1] which is the last',
  async (server) => {
    const client = await server.client('c');
    client.send(PINGREQ, packet(0x36, [0, 1, 0x61, 0, 1, 0]), PINGREQ, PINGREQ);
    await client.untilClosed();
    const [word] = ofType(client, DISCONNECT);
    assert.equal(word?.body[0], 0x81);
    assert.ok(!word.body.subarray(1).includes(PROPERTY.sessionExpiry));
    assert.equal(ofType(client, PINGRESP).length, 1);
    assert.deepEqual(client.received.subarray(-word.body.length), word.body);
  },
);

statement(
  '[MQTT-3.15.1-1] an AUTH with reserved bits, [MQTT-4.12.0-7] or any, ends the connection',
  async (server) => {
    for (const first of [0xf1, 0xf0]) {
      const client = await server.client('c');
      client.send(packet(first, [0x18, 0]));
      await client.untilClosed();
    }
  },
);

statement(
  '[MQTT-3.1.2-29] who asks for no words gets no Reason String and no user properties in an acknowledgement',
  async (server) => {
    const client = await server.client('c', { properties: [PROPERTY.requestProblemInformation, 0] });
    client.send(publishPacket({ topic: '$SYS/broker/x', text: 'x', qos: 1, properties: [] }));
    const [puback] = await answers(client, 4, 1);
    assert.ok((puback?.body.length ?? 0) <= 4);
    await subscribe(client, 'a', 0);
    assert.deepEqual([...(ofType(client, 9)[0]?.body ?? [])], [0, 1, 0, 0]);
  },
);

statement('[MQTT-3.4.2-2] an acknowledgement is not larger than its client takes', async (server) => {
  const properties = [...fourBytes('maximumPacketSize', 30), ...twoBytes('receiveMaximum', 5)];
  const client = await server.client('c', { properties });
  client.send(publishPacket({ topic: '$SYS/broker/x', text: 'x', qos: 1, properties: [] }));
  const [puback] = await answers(client, 4, 1);
  assert.ok((puback?.body.length ?? 0) <= 28);
  client.send(publishPacket({ topic: '$SYS/broker/x', text: 'x', qos: 2, properties: [] }));
  const [pubrec] = await answers(client, 5, 1);
  assert.ok((pubrec?.body.length ?? 0) <= 28);
});

statement(
  '[MQTT-4.3.3-9] a QoS 2 message that was refused is no more known: its identifier is a new one’s',
  async (server) => {
    const reader = await server.subscriber('a', 0);
    const client = await server.client('c');
    client.send(publishPacket({ topic: '$SYS/broker/x', text: 'x', qos: 2, id: 7, properties: [] }));
    const [refused] = await answers(client, 5, 1);
    assert.equal(refused?.body[2], 0x87);
    client.send(publishPacket({ topic: 'a', text: 'new', qos: 2, id: 7, properties: [] }));
    await answers(client, 5, 2);
    client.send(answerPacket(6, 7));
    assert.equal((await published(reader, 1))[0]?.text, 'new');
  },
);
