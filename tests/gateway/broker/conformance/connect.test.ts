import assert from 'node:assert/strict';
import { header } from '../../../support/mqtt/raw-mqtt.js';
import { ofType, published, publishes, statement, subscribe } from './statement.js';

const GONE = { topic: 'will', text: 'gone', qos: 1 as const };

statement('[MQTT-3.1.0-1] what comes before a CONNECT ends the connection', async (server) => {
  const client = await server.socket();
  client.send(Buffer.from([0xc0, 0]));
  await client.untilClosed();
  assert.equal(client.received.length, 0);
});

statement('[MQTT-3.1.0-2] a second CONNECT ends the connection', async (server) => {
  const client = await server.client('twice');
  client.send(
    Buffer.from([0x10, 17, 0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, 2, 0, 60, 0, 5]),
    Buffer.from('twice'),
  );
  await client.untilClosed();
});

statement('[MQTT-3.1.2-1] another protocol name ends the connection', async (server) => {
  const client = await server.connecting('c', { protocol: 'MQTX' });
  await client.untilClosed();
  assert.notEqual(client.received[3], 0);
});

statement('[MQTT-3.1.2-2] a protocol level nobody knows is refused', async (server) => {
  const older = await server.connecting('c', { version: 2 });
  await older.untilClosed();
  assert.deepEqual([...older.received], [0x20, 2, 0, 1]);
  const newer = await server.connecting('c', { version: 9 });
  await newer.untilClosed();
  // Ours answers as to MQTT 5, which it is nearer to.
  assert.ok([1, 0x84].includes(newer.received[3] ?? 0));
});

statement('[MQTT-3.1.2-3] a CONNECT with the reserved flag ends the connection', async (server) => {
  const client = await server.connecting('c', { flags: 3 });
  await client.untilClosed();
});

statement('[MQTT-3.1.2-22] a password without a user name ends the connection', async (server) => {
  const client = await server.connecting('c', { flags: 0x42, login: { user: 'u', password: 'p' } });
  await client.untilClosed();
});

statement(
  '[MQTT-3.1.2-24] silence for one and a half keep-alives ends the connection, with its will',
  async (server) => {
    const reader = await server.subscriber('will', 0);
    const start = performance.now();
    const silent = await server.client('silent', { keepAliveS: 1, will: GONE });
    await silent.untilClosed();
    assert.ok(performance.now() - start >= 1400);
    assert.equal((await published(reader, 1))[0]?.text, 'gone');
  },
);

statement('[MQTT-3.1.3-6] a client without a name is taken when its session is clean', async (server) => {
  const clients = [await server.client(''), await server.client('')];
  for (const client of clients) {
    await subscribe(client, 'a', 0);
    assert.deepEqual([...client.received.subarray(0, 4)], [0x20, 2, 0, 0]);
  }
});

statement(
  '[MQTT-3.1.3-8] a client without a name is refused with 2 when it wants a session',
  async (server) => {
    const client = await server.connecting('', { clean: false });
    await client.untilClosed();
    assert.deepEqual([...client.received], [0x20, 2, 0, 2]);
  },
);

statement('[MQTT-3.1.4-2] a second client of the same name ends the first', async (server) => {
  const first = await server.client('same');
  const second = await server.client('same');
  await first.untilClosed();
  await subscribe(second, 'a', 0);
});

statement('[MQTT-3.1.2-8] a will is published when the connection breaks', async (server) => {
  const reader = await server.subscriber('will', 1);
  const broken = await server.client('broken', { will: GONE });
  broken.socket.destroy();
  const [message] = await published(reader, 1);
  assert.deepEqual([message?.text, message?.qos, message?.retain], ['gone', 1, false]);
});

statement('[MQTT-3.1.2-8] a will is published after a protocol error', async (server) => {
  const reader = await server.subscriber('will', 0);
  const wrong = await server.client('wrong', { will: GONE });
  wrong.send(header(0xf0, 0));
  await wrong.untilClosed();
  await published(reader, 1);
});

statement('[MQTT-3.1.2-10] a will is forgotten after a DISCONNECT', async (server) => {
  const reader = await server.subscriber('will', 0);
  const proper = await server.client('proper', { will: GONE });
  proper.send(Buffer.from([0xe0, 0]));
  await proper.untilClosed();
  await server.publish({ topic: 'will', text: 'end' });
  assert.deepEqual(
    (await published(reader, 1)).map(({ text }) => text),
    ['end'],
  );
});

statement('[MQTT-3.1.2-17] a retained will is retained', async (server) => {
  const early = await server.subscriber('will', 0);
  const broken = await server.client('broken', { will: { ...GONE, retain: true } });
  broken.socket.destroy();
  await published(early, 1);
  const late = await server.client('late');
  await subscribe(late, 'will', 1);
  assert.equal((await published(late, 1))[0]?.retain, true);
});

statement('[MQTT-3.2.2-1] a clean session is not present', async (server) => {
  const stays = await server.subscriber('a', 1, { clean: false });
  stays.socket.destroy();
  const clean = await server.client('reads-a', { clean: true });
  assert.deepEqual([...clean.received.subarray(0, 4)], [0x20, 2, 0, 0]);
});

statement('[MQTT-3.2.2-2] a stored session is present when its client is back', async (server) => {
  const stays = await server.subscriber('a', 1, { clean: false });
  assert.equal(stays.received[2], 0);
  stays.socket.destroy();
  const back = await server.client('reads-a', { clean: false });
  assert.deepEqual([...back.received.subarray(0, 4)], [0x20, 2, 1, 0]);
});

statement('[MQTT-3.1.2-6] a clean session leaves nothing of an earlier one', async (server) => {
  const stays = await server.subscriber('a', 1, { clean: false });
  stays.socket.destroy();
  const clean = await server.client('reads-a', { clean: true });
  clean.send(Buffer.from([0xe0, 0]));
  await clean.untilClosed();
  await server.publish({ topic: 'a', text: 'x', qos: 1 });
  const back = await server.client('reads-a', { clean: false });
  await subscribe(back, 'end', 0);
  await server.publish({ topic: 'end', text: 'end' });
  await published(back, 1);
  assert.equal(back.received[2], 0);
  assert.deepEqual(
    publishes(back).map(({ text }) => text),
    ['end'],
  );
});

statement(
  '[MQTT-3.2.0-1] the CONNACK comes first, whatever waits or is published meanwhile',
  async (server) => {
    const stays = await server.subscriber('a', 1, { clean: false });
    stays.socket.destroy();
    for (let round = 0; round < 20; round++) {
      const [back] = await Promise.all([
        server.client('reads-a', { clean: false }),
        server.publish({ topic: 'a', text: 'one', qos: 1 }, { topic: 'a', text: 'two', qos: 0 }),
      ]);
      assert.equal(back.received[0], 0x20);
      back.socket.destroy();
      await back.untilClosed();
    }
  },
);

statement('[MQTT-3.12.4-1] a PINGREQ is answered', async (server) => {
  const client = await server.client('pings');
  client.send(Buffer.from([0xc0, 0]));
  await client.bytes(6);
  assert.equal(ofType(client, 13).length, 1);
});
