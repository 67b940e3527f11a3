// Connections of the web server that ask for something else, do not read, or stay: they end, and keep nobody out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { openWebSocketClient } from '../../support/mqtt/raw-websocket.js';
import { until } from '../../support/waiting.js';
import { startWeb } from '../../support/web-server.js';

interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly isClosed: () => boolean;
}

/** Stays open after the server has ended its half. */
async function call(t: TestContext, port: number, ...lines: readonly string[]): Promise<Caller> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  t.after(() => socket.destroy());
  let [text, closed] = ['', false];
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.on('error', () => undefined);
  for (const event of ['end', 'close']) socket.on(event, () => (closed = true));
  await once(socket, 'connect');
  if (lines.length > 0) socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return { socket, heard: () => text, isClosed: () => closed };
}

const UPGRADE = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'];

async function isWell(page: string): Promise<boolean> {
  const response = await fetch(`${page}/healthz`);
  await response.text();
  return response.status === 200;
}

void test('a refused WebSocket is closed, also when its client keeps its half open', async (t) => {
  const { web, page } = await startWeb(t, {}, { mostConnections: { most: 4, mostPerAddress: 4 } });
  for (let number = 0; number < 12; number++) {
    const caller = await call(t, web.port, 'GET /x HTTP/1.1', ...UPGRADE);
    await until('it is refused', () => caller.heard().startsWith('HTTP/1.1 404') && caller.isClosed());
  }
  for (let number = 0; number < 4; number++) assert.ok(await isWell(page));
});

void test('WebSocket clients take no place of the web server', async (t) => {
  const most = { most: 3, mostPerAddress: 3 };
  const { broker, webSocketUrl, page } = await startWeb(t, {}, { mostConnections: most });
  for (let number = 0; number < 10; number++)
    await openWebSocketClient(t, webSocketUrl, `client-${String(number)}`);
  assert.equal(broker.stats().clients, 10);
  assert.ok(await isWell(page));
});

void test('connections of one address have a bound of their own, which is said once', async (t) => {
  const { web, log } = await startWeb(t, {}, { mostConnections: { most: 100, mostPerAddress: 5 } });
  const callers: Caller[] = [];
  for (let number = 0; number < 8; number++) callers.push(await call(t, web.port));
  await until('those beyond are closed', () => callers.filter(({ isClosed }) => isClosed()).length === 3);
  assert.equal(log.saying('refuses web connections').length, 1);
});

void test('whoever does not read its answers is ended', async (t) => {
  const { web } = await startWeb(t, {}, { unreadMs: 500 });
  const caller = await call(t, web.port);
  caller.socket.pause();
  const asking = setInterval(() => {
    if (caller.socket.writableLength < 10_000)
      caller.socket.write('GET /page/licences.txt HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20));
  }, 5);
  t.after(() => {
    clearInterval(asking);
  });
  await until('it is ended', () => caller.isClosed(), 60_000);
});

for (const offer of ['h2c', 'TLS/1.2', 'foo, bar'])
  void test(`a request that offers ${offer} is answered as one that does not`, async (t) => {
    const { web, log } = await startWeb(t);
    const offered = [
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings',
      `Upgrade: ${offer}`,
      'HTTP2-Settings: AAM',
    ];
    const caller = await call(t, web.port, 'GET /healthz HTTP/1.1', ...offered);
    await until('it is answered', () => caller.heard().startsWith('HTTP/1.1 200'));
    const body = '{"id":"x"}';
    const length = `Content-Length: ${String(body.length)}`;
    const post = await call(t, web.port, 'POST /nothing HTTP/1.1', ...offered, length, '', body);
    await until('with a body as well', () => post.heard().startsWith('HTTP/1.1 4'));
    assert.equal(log.saying('a WebSocket').length, 0);
  });
