import assert from 'node:assert/strict';
import { answerPacket, header, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';
import { ofType, published, statement, subscribe } from './statement.js';

const NOT_UTF8 = Buffer.from([0, 2, 0xc3, 0x28]);
const NAME = Buffer.from([0, 1, 0x63]);

function connectWith(flags: number, ...fields: readonly Buffer[]): Buffer {
  const start = [Buffer.from([0, 4]), Buffer.from('MQTT'), Buffer.from([4, flags, 0, 60])];
  const body = Buffer.concat([...start, ...fields]);
  return Buffer.concat([header(0x10, body.length), body]);
}

for (const [sentence, bytes] of [
  ['[MQTT-3.1.3-4] a client id that is not UTF-8', connectWith(0x02, NOT_UTF8)],
  ['[MQTT-3.1.3-10] a will topic that is not UTF-8', connectWith(0x06, NAME, NOT_UTF8, NAME)],
  ['[MQTT-3.1.3-11] a user name that is not UTF-8', connectWith(0x82, NAME, NOT_UTF8)],
  ['[MQTT-3.1.2-14] a will of QoS 3', connectWith(0x1e, NAME, NAME, NAME)],
  ['[MQTT-4.7.1-1] a will topic with a wildcard', connectWith(0x06, NAME, Buffer.from([0, 1, 0x23]), NAME)],
  ['[MQTT-3.1.2-13] the QoS of a will without a will', connectWith(0x0a, NAME)],
  ['[MQTT-3.1.2-15] a retained will without a will', connectWith(0x22, NAME)],
] as const)
  statement(`${sentence} ends the connection`, async (server) => {
    const client = await server.socket();
    client.send(bytes);
    await client.untilClosed();
    assert.notEqual(client.received[3], 0);
  });

for (const [sentence, first, qos] of [
  ['[MQTT-3.8.3-1] a filter that is not UTF-8', 0x82, [0]],
  ['[MQTT-3.10.3-1] a filter to unsubscribe that is not UTF-8', 0xa2, []],
] as const)
  statement(`${sentence} ends the connection`, async (server) => {
    const client = await server.client('c');
    const body = Buffer.concat([Buffer.from([0, 9]), NOT_UTF8, Buffer.from(qos)]);
    client.send(Buffer.concat([header(first, body.length), body]));
    await client.untilClosed();
  });

statement('[MQTT-3.1.3-5] a client id of 23 letters and digits is taken', async (server) => {
  const client = await server.client('0123456789abcdefghijXYZ');
  assert.equal(client.received[3], 0);
});

statement('[MQTT-1.5.3-3] U+FEFF in a topic is kept, and U+FFFD', async (server) => {
  const reader = await server.subscriber('#', 0);
  await server.publish({ topic: '\uFEFFa\uFFFD', text: 'x' });
  assert.equal((await published(reader, 1))[0]?.topic, '\uFEFFa\uFFFD');
});

statement('[MQTT-3.1.4-5] what comes behind a refused CONNECT is not processed', async (server) => {
  const reader = await server.subscriber('a', 0);
  const refused = await server.socket();
  refused.send(connectWith(0x00, Buffer.from([0, 0])), publishPacket({ topic: 'a', text: 'refused' }));
  await refused.untilClosed();
  await server.publish({ topic: 'a', text: 'end' });
  assert.equal((await published(reader, 1))[0]?.text, 'end');
});

statement(
  '[MQTT-3.3.1-7] a retained QoS 0 message replaces the one before, [MQTT-3.3.1-12] a plain one does not',
  async (server) => {
    await server.publish(
      { topic: 'a', text: 'old', qos: 1, retain: true },
      { topic: 'a', text: 'new', retain: true },
      { topic: 'a', text: 'plain', qos: 1, id: 2 },
    );
    const late = await server.subscriber('a', 1);
    assert.equal((await published(late, 1))[0]?.text, 'new');
  },
);

statement(
  '[MQTT-3.10.4-3] a handshake that has begun is finished after an UNSUBSCRIBE, [MQTT-3.10.4-6] of several filters',
  async (server) => {
    const reader = await server.subscriber('a', 2);
    await subscribe(reader, 'b', 2);
    await server.publish({ topic: 'a', text: 'x', qos: 2 });
    const [message] = await published(reader, 1);
    reader.send(Buffer.from([0xa2, 8, 0, 9, 0, 1, 0x61, 0, 1, 0x62]));
    await until('the UNSUBACK', () => ofType(reader, 11).length === 1);
    reader.send(answerPacket(5, message?.id ?? 0));
    await until('the PUBREL', () => ofType(reader, 6).length === 1);
    reader.send(answerPacket(7, message?.id ?? 0));
    await subscribe(reader, 'end', 0);
    await server.publish({ topic: 'a', text: 'x' }, { topic: 'b', text: 'x' }, { topic: 'end', text: 'end' });
    assert.equal((await published(reader, 2))[1]?.text, 'end');
  },
);

statement(
  '[MQTT-4.6.0-2] PUBACKs and [MQTT-4.6.0-3] PUBRECs come in the order of their messages',
  async (server) => {
    const client = await server.client('c');
    const ids = [5, 3, 9];
    for (const qos of [1, 2] as const) {
      client.send(...ids.map((id) => publishPacket({ topic: 'a', text: 'x', qos, id })));
      const type = qos === 1 ? 4 : 5;
      await until('all answers', () => ofType(client, type).length === ids.length);
      assert.deepEqual(
        ofType(client, type).map(({ body }) => body.readUInt16BE(0)),
        ids,
      );
    }
  },
);

statement('[MQTT-4.6.0-4] PUBRELs come in the order of the PUBRECs', async (server) => {
  const reader = await server.subscriber('a', 2);
  await server.publish({ topic: 'a', text: '1', qos: 2, id: 1 }, { topic: 'a', text: '2', qos: 2, id: 2 });
  const ids = (await published(reader, 2)).map(({ id }) => id).toReversed();
  reader.send(...ids.map((id) => answerPacket(5, id)));
  await until('both', () => ofType(reader, 6).length === 2);
  assert.deepEqual(
    ofType(reader, 6).map(({ body }) => body.readUInt16BE(0)),
    ids,
  );
});
