// MQTT over WebSocket: the same delivery as over TCP, and who is let in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/waiting.js';
import { connectClient } from '../../support/mqtt/client.js';
import {
  connectPacket,
  header,
  openRaw,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../support/mqtt/raw-mqtt.js';
import { openWebSocket, openWebSocketClient } from '../../support/mqtt/raw-websocket.js';
import { startWeb } from '../../support/web-server.js';
import { deliverySuite } from '../broker/delivery/delivery-suite.js';

deliverySuite('the embedded broker over WebSocket', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  return { url, openRaw: async (clientId) => openWebSocketClient(t, url, clientId) };
});

void test('pages of this machine, our own page and programs may connect', async (t) => {
  const { webSocketUrl: url, page } = await startWeb(t);
  for (const origin of [undefined, page, 'http://localhost:3000', 'http://[::1]:5173', 'https://127.0.0.1']) {
    await openWebSocket(t, url, origin === undefined ? {} : { origin });
  }
});

void test('a page from elsewhere is refused with 403, also when it has its name point here', async (t) => {
  const { broker, log, webSocketUrl: url } = await startWeb(t);
  for (const origin of [
    'https://evil.example',
    'null',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
  ])
    await assert.rejects(openWebSocket(t, url, { origin }), /refused with 403/);
  const rebound = { origin: 'http://evil.example', headers: { host: 'evil.example' } };
  await assert.rejects(openWebSocket(t, url, rebound), /refused with 403/);
  assert.equal(broker.stats().clients, 0);
  assert.equal(log.saying('refused a WebSocket').length, 5);
});

void test('another path is 404, another subprotocol 400', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  await assert.rejects(openWebSocket(t, url.replace('/mqtt', '/other')), /refused with 404/);
  await assert.rejects(openWebSocket(t, url, {}, ['chat']), /refused with 400/);
  await assert.rejects(openWebSocket(t, url, {}, []), /refused with 400/);
});

void test('the answer names the subprotocol mqtt and offers no compression', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  const { socket } = await openWebSocket(t, url, {}, ['other', 'mqtt']);
  assert.equal(socket.protocol, 'mqtt');
  assert.equal(socket.extensions, '');
});

void test('packets cut across frames and joined in one are the same stream', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const sender = await openWebSocket(t, url);
  const texts = ['one', 'two', 'x'.repeat(300)];
  const bytes = Buffer.concat([
    connectPacket('s'),
    ...texts.map((text) => publishPacket({ topic: 'a', text })),
  ]);
  for (let at = 0; at < bytes.length; at += 7) sender.send(bytes.subarray(at, at + 7));
  assert.deepEqual(await reader.texts(3), texts);
});

void test('a text frame, a too large packet and a too large frame end their connection only', async (t) => {
  const { webSocketUrl: url } = await startWeb(t, { maxPacketBytes: 1000 });
  const text = await openWebSocketClient(t, url, 'text');
  text.socket.send('not binary');
  const packet = await openWebSocketClient(t, url, 'packet');
  packet.send(header(0x30, 1001));
  const frame = await openWebSocketClient(t, url, 'frame');
  frame.send(Buffer.alloc(2 * 1024 * 1024 + 1));
  for (const connection of [text, packet, frame]) await connection.untilClosed();
  await connectClient(t, url);
});

void test('a subscriber over WebSocket that stops reading is ended, and others miss nothing', async (t) => {
  const { broker, webSocketUrl: url } = await startWeb(t, { maxWriteBufferBytes: 1024 * 1024 });
  const stuck = await openWebSocketClient(t, url, 'stuck');
  stuck.send(subscribePacket('a', 0));
  await stuck.bytes(9);
  stuck.socket.pause();
  const reader = await connectClient(t, url);
  await reader.subscribe('a');
  const publisher = await connectClient(t, url);
  let sent = 0;
  while (broker.stats().breached === 0) {
    await publisher.publish('a', 'x'.repeat(100_000), { qos: 1 });
    sent++;
    assert.ok(sent < 1000, 'the reader that stopped must have been ended by now');
  }
  assert.equal((await reader.texts(sent)).length, sent);
});

void test('a megabyte goes through and comes back', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  const client = await connectClient(t, url);
  await client.subscribe('big', 1);
  const text = 'x'.repeat(1_000_000);
  await client.publish('big', text, { qos: 1 });
  assert.deepEqual(await client.texts(1), [text]);
});

void test('the stop of the web server leaves its MQTT clients to the broker, whose stop ends them', async (t) => {
  const { broker, web, webSocketUrl } = await startWeb(t);
  const client = await connectClient(t, webSocketUrl);
  await client.subscribe('last');
  await web.stop();
  await assert.rejects(connectClient(t, webSocketUrl));
  await broker.bus.publish({ topic: 'last', payload: Buffer.from('words'), qos: 1, retain: false });
  await client.message('last');
  await broker.stop();
  await until('the client to be ended', () => !client.mqtt.connected);
});

void test('a thousand idle connections to the web server keep nobody out', async (t) => {
  const { page, web } = await startWeb(t);
  const idle: RawConnection[] = [];
  for (let number = 0; number < 1100; number++) idle.push(await openRaw(t, web.port));
  assert.equal((await fetch(`${page}/healthz`)).status, 200);
  await until('the oldest are ended', () => idle.filter(({ closed }) => !closed).length <= 100);
});

void test('a frame over the limit ends the connection; another page is let in where its origin is listed', async (t) => {
  const origins = ['https://panel.example'];
  const { webSocketUrl } = await startWeb(t, {}, { maxFrameBytes: 1000, origins });
  const client = await openWebSocketClient(t, webSocketUrl, 'sender');
  client.send(publishPacket({ topic: 'a', text: 'x'.repeat(1001) }));
  await client.untilClosed();
  await openWebSocket(t, webSocketUrl, { origin: 'https://panel.example' });
  await assert.rejects(
    openWebSocket(t, webSocketUrl, { origin: 'https://other.example' }),
    /refused with 403/,
  );
});

void test('of who has not been let in no large frame is gathered; who has may send one', async (t) => {
  const { web, log, webSocketUrl } = await startWeb(t, { connectTimeoutMs: 600_000 });
  const stranger = await openRaw(t, web.port);
  const key = Buffer.alloc(16).toString('base64');
  const asks = ['Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`];
  const head = ['GET /mqtt HTTP/1.1', ...asks, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: mqtt'];
  stranger.send(Buffer.from(`${head.join('\r\n')}\r\n\r\n`));
  await until('the upgrade', () => stranger.received.includes('101 Switching Protocols'));
  // A binary frame of 3 MB, masked with zeros, of which less than a tenth comes.
  stranger.send(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0]), Buffer.alloc(300_000));
  await stranger.untilClosed();
  assert.match(String(log.saying('before it was a client')[0]?.fields['reason']), /before it was let in/);
  const client = await connectClient(t, webSocketUrl);
  await client.subscribe('big', 1);
  await client.publish('big', 'x'.repeat(1_900_000), { qos: 1 });
  await client.texts(1);
});

void test('a message in tens of thousands of frames ends its connection only: each is memory, however small', async (t) => {
  const { webSocketUrl: url } = await startWeb(t);
  const many = await openWebSocketClient(t, url, 'many');
  for (let sent = 0; sent < 20_000 && !many.closed; sent++) many.socket.send(Buffer.alloc(1), { fin: false });
  await many.untilClosed();
  await connectClient(t, url);
});
