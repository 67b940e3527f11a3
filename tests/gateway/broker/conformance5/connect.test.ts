import assert from 'node:assert/strict';
import { publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { fourBytes, oneByte, texts, twoBytes, valuesOf } from '../../../support/mqtt/raw-properties.js';
import {
  CONNACK,
  connack,
  connectWith,
  DISCONNECT,
  NOT_UTF8,
  ofType,
  packet,
  pinged,
  PINGREQ,
  published,
  reasonOfEnd,
  statement,
  subscribe,
  text,
} from './statement.js';

const NAME = text('c');
const STAYS = { clean: false, properties: fourBytes('sessionExpiry', 60) };

for (const [what, bytes] of [
  ['[MQTT-3.1.0-1] a PINGREQ', PINGREQ],
  ['[MQTT-3.1.0-1] an AUTH', packet(0xf0, [0x18, 0])],
  ['[MQTT-3.1.2-1] a CONNECT with another protocol name', packet(0x10, text('MQTX'), [5, 2, 0, 60, 0], NAME)],
  ['[MQTT-3.1.2-3] a CONNECT with the reserved flag', connectWith(3, [], NAME)],
  [
    '[MQTT-3.1.2-9] a CONNECT with a will that is not there',
    connectWith(6, [], NAME, Buffer.from([0]), NAME),
  ],
  ['[MQTT-3.1.2-11] the QoS of a will without a will', connectWith(0x0a, [], NAME)],
  ['[MQTT-3.1.2-12] a will of QoS 3', connectWith(0x1e, [], NAME, Buffer.from([0]), NAME, NAME)],
  ['[MQTT-3.1.2-13] a retained will without a will', connectWith(0x22, [], NAME)],
  ['[MQTT-3.1.2-16] a user name without its flag', connectWith(2, [], NAME, text('user'))],
  ['[MQTT-3.1.2-17] a user name that is not there', connectWith(0x82, [], NAME)],
  ['[MQTT-3.1.2-18] a password without its flag', connectWith(0x82, [], NAME, text('user'), text('secret'))],
  ['[MQTT-3.1.2-19] a password that is not there', connectWith(0xc2, [], NAME, text('user'))],
  ['[MQTT-3.1.3-3] a CONNECT without a client id', connectWith(2, [])],
  ['[MQTT-3.1.3-4] a client id that is not UTF-8', connectWith(2, [], NOT_UTF8)],
  [
    '[MQTT-3.1.3-11] a will topic that is not UTF-8',
    connectWith(6, [], NAME, Buffer.from([0]), NOT_UTF8, NAME),
  ],
  ['[MQTT-3.1.3-12] a user name that is not UTF-8', connectWith(0x82, [], NAME, NOT_UTF8)],
  ['[MQTT-3.1.4-1] a CONNECT without its properties', packet(0x10, text('MQTT'), [5, 2, 0, 60])],
  [
    '[MQTT-1.5.5-1] a length in more bytes than it takes',
    packet(0x10, text('MQTT'), [5, 2, 0, 60, 0x80, 0], NAME),
  ],
  ['[MQTT-2.1.3-1] a CONNECT with reserved bits', packet(0x11, text('MQTT'), [5, 2, 0, 60, 0], NAME)],
] as const)
  statement(
    `${what} ends the connection; [MQTT-3.14.0-1] no DISCONNECT comes ahead of a CONNACK`,
    async (server) => {
      const client = await server.socket();
      client.send(bytes);
      await client.untilClosed();
      assert.notEqual(ofType(client, CONNACK)[0]?.body[1], 0);
      assert.equal(ofType(client, DISCONNECT).length, 0);
    },
  );

statement('[MQTT-3.1.0-2] a second CONNECT ends the connection', async (server) => {
  const client = await server.client('c');
  client.send(connectWith(2, [], NAME));
  await client.untilClosed();
  assert.equal(ofType(client, CONNACK).length, 1);
});

statement('[MQTT-3.1.2-2] a version nobody knows is refused', async (server) => {
  const client = await server.connecting('c', { version: 6 });
  await client.untilClosed();
  assert.ok([1, 0x84].includes(ofType(client, CONNACK)[0]?.body[1] ?? 0));
});

statement(
  '[MQTT-3.1.2-4] Clean Start forgets the session, [MQTT-3.2.2-2] which is told as not present',
  async (server) => {
    const stays = await server.subscriber('a', 1, STAYS);
    stays.socket.destroy();
    const clean = await server.client('reads-a', { ...STAYS, clean: true });
    await server.publish({ topic: 'a', text: 'x', qos: 1 });
    await subscribe(clean, 'end', 0);
    await server.publish({ topic: 'end', text: 'end' });
    assert.deepEqual(
      (await published(clean, 1)).map(({ text: said }) => said),
      ['end'],
    );
    assert.equal(connack(clean).flags, 0);
  },
);

statement(
  '[MQTT-3.1.2-5] without it the session goes on, [MQTT-3.2.2-3] and is told as present; [MQTT-3.1.2-6] the first is a new one',
  async (server) => {
    const stays = await server.subscriber('a', 1, STAYS);
    assert.deepEqual([connack(stays).flags, connack(stays).reason], [0, 0]);
    stays.socket.destroy();
    await server.publish({ topic: 'a', text: 'waited', qos: 1 });
    const back = await server.client('reads-a', STAYS);
    assert.equal((await published(back, 1))[0]?.text, 'waited');
    assert.deepEqual([connack(back).flags, connack(back).reason], [1, 0]);
  },
);

statement(
  '[MQTT-3.1.2-22] silence for one and a half of the client’s Keep Alive ends the connection, with its will; [MQTT-3.2.2-22] the server sent none of its own',
  async (server) => {
    const reader = await server.subscriber('will', 0);
    const start = performance.now();
    const will = { topic: 'will', text: 'gone', qos: 0 as const };
    const silent = await server.client('silent', { keepAliveS: 1, will });
    assert.deepEqual(valuesOf(connack(silent).properties, 'serverKeepAlive'), []);
    await silent.untilClosed();
    assert.ok(performance.now() - start >= 1400);
    assert.equal((await published(reader, 1))[0]?.text, 'gone');
  },
);

statement('[MQTT-3.1.2-28] Response Information is not sent to who did not ask for it', async (server) => {
  for (const properties of [[], oneByte('requestResponseInformation', 0)]) {
    const client = await server.client('c', { properties });
    assert.deepEqual(valuesOf(connack(client).properties, 'responseInformation'), []);
  }
});

statement(
  '[MQTT-3.1.3-5] a client id of 23 letters and digits is taken, [MQTT-3.1.4-5] with a CONNACK of 0',
  async (server) => {
    const client = await server.client('0123456789abcdefghijXYZ');
    assert.equal(connack(client).reason, 0);
    await pinged(client);
  },
);

statement(
  '[MQTT-3.1.3-6] who has no name is given one of its own, [MQTT-3.1.3-7] by which its session is known, [MQTT-3.2.2-16] and told it',
  async (server) => {
    const names: string[] = [];
    for (let round = 0; round < 2; round++) {
      const client = await server.client('', STAYS);
      const [name] = valuesOf(connack(client).properties, 'assignedClientId');
      names.push(String(name));
      await subscribe(client, 'a', 1);
      client.socket.destroy();
    }
    assert.equal(new Set(names).size, 2);
    const back = await server.client(names[0] ?? '', STAYS);
    assert.equal(connack(back).flags, 1);
  },
);

statement(
  '[MQTT-3.1.4-3] a second client of the same name ends the first, [MQTT-3.1.3-2] and has its session',
  async (server) => {
    const first = await server.subscriber('a', 1, STAYS);
    const second = await server.client('reads-a', STAYS);
    await first.untilClosed();
    await server.publish({ topic: 'a', text: 'x', qos: 1 });
    await published(second, 1);
  },
);

statement(
  '[MQTT-3.1.4-3] the first is told so, with 0x8E',
  async (server) => {
    const first = await server.client('same');
    await server.client('same');
    assert.equal(await reasonOfEnd(first), 0x8e);
  },
  'Mosquitto 2.0.11 ends it without a word',
);

statement(
  '[MQTT-3.1.4-6] what comes behind a refused CONNECT is not processed, [MQTT-3.2.2-7] which ends the connection, [MQTT-3.2.2-6] without a session',
  async (server) => {
    const reader = await server.subscriber('a', 0);
    const refused = await server.socket();
    const connect = connectWith(2, texts('authenticationMethod', 'none'), NAME);
    refused.send(connect, publishPacket({ topic: 'a', text: 'refused', properties: [] }));
    await refused.untilClosed();
    assert.equal(connack(refused).flags, 0);
    assert.ok(connack(refused).reason >= 0x80);
    await server.publish({ topic: 'a', text: 'end' });
    assert.equal((await published(reader, 1))[0]?.text, 'end');
  },
);

statement(
  '[MQTT-3.2.0-1] the CONNACK comes first, whatever waits or is published meanwhile, [MQTT-3.2.0-2] and once',
  async (server) => {
    const stays = await server.subscriber('a', 1, STAYS);
    stays.socket.destroy();
    for (let round = 0; round < 10; round++) {
      const [back] = await Promise.all([
        server.client('reads-a', STAYS),
        server.publish({ topic: 'a', text: 'one', qos: 1 }, { topic: 'a', text: 'two', qos: 0 }),
      ]);
      assert.equal(back.received[0], 0x20);
      assert.equal(ofType(back, CONNACK).length, 1);
      back.socket.destroy();
      await back.untilClosed();
    }
  },
);

statement(
  '[MQTT-3.2.2-1] the reserved bits of a CONNACK are 0, [MQTT-2.2.2-1] and its properties are counted',
  async (server) => {
    const client = await server.client('c', { properties: twoBytes('receiveMaximum', 10) });
    const [answer] = ofType(client, CONNACK);
    assert.equal(answer?.flags, 0);
    assert.equal((answer.body[0] ?? 0) & 0xfe, 0);
    assert.equal(answer.body.length, 3 + (answer.body[2] ?? 0));
  },
);

statement(
  '[MQTT-4.12.0-1] an authentication method that there is not is refused with 0x8C',
  async (server) => {
    const client = await server.connecting('c', { properties: texts('authenticationMethod', 'SCRAM-SHA-1') });
    assert.equal(await reasonOfEnd(client), 0x8c);
  },
);

statement('[MQTT-4.12.0-6] who names no method is sent none', async (server) => {
  const client = await server.client('c');
  assert.deepEqual(valuesOf(connack(client).properties, 'authenticationMethod'), []);
});
