// A new subscriber gets every retained message, however many and however it reads; and one that leaves part-way costs nobody
// but itself. Over TCP and WebSocket, which fill and drain differently.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { connectClient } from '../../../support/mqtt/client.js';
import { connectPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { publishesIn } from '../../../support/mqtt/raw-packets.js';
import { startWeb, type TestWeb } from '../../../support/web-server.js';
import { until } from '../../../support/waiting.js';

const CARRIERS = ['TCP', 'WebSocket'] as const;
type Carrier = (typeof CARRIERS)[number];

const urlOf = (world: TestWeb, carrier: Carrier): string =>
  carrier === 'TCP' ? world.url : world.webSocketUrl;

async function retain(world: TestWeb, count: number, bytes: number): Promise<void> {
  const payload = Buffer.alloc(bytes, 'x');
  for (let number = 0; number < count; number++)
    await world.broker.bus.publish({ topic: `r/${String(number)}`, payload, qos: 1, retain: true });
}

/** Has subscribed, reads nothing, and is about to leave in the way that is asked for. */
async function subscribeWithoutReading(world: TestWeb, carrier: Carrier): Promise<Socket> {
  const hello = [connectPacket('deaf'), subscribePacket('r/#', 1)];
  const before = world.broker.stats().messagesOut;
  const socket = carrier === 'TCP' ? await deafTcp(world.port, hello) : await deafWebSocket(world, hello);
  await until('its first messages are on the way', () => world.broker.stats().messagesOut > before);
  return socket;
}

async function deafTcp(port: number, packets: readonly Buffer[]): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(Buffer.concat(packets));
  return socket;
}

async function deafWebSocket(world: TestWeb, packets: readonly Buffer[]): Promise<Socket> {
  const webSocket = new WebSocket(world.webSocketUrl, 'mqtt');
  webSocket.on('error', () => undefined);
  const opened = once(webSocket, 'open');
  const [response] = (await once(webSocket, 'upgrade')) as [{ readonly socket: Socket }];
  await opened;
  webSocket.pause();
  webSocket.send(Buffer.concat(packets));
  return response.socket;
}

/** Those who stay go on: another client is let in, is answered, and gets all. */
async function assertWell(t: TestContext, world: TestWeb, carrier: Carrier, count: number): Promise<void> {
  const other = await connectClient(t, urlOf(world, carrier));
  await other.subscribe('r/#', 1);
  const texts = await other.texts(count);
  assert.equal(texts.length, count);
}

for (const carrier of CARRIERS) {
  for (const [count, bytes] of [
    [150, 100],
    [3000, 20],
    [9000, 1000],
  ] as const)
    void test(`${String(count)} retained messages of ${String(bytes)} bytes all reach a new subscriber over ${carrier}`, async (t) => {
      const world = await startWeb(t);
      await retain(world, count, bytes);
      const client = await connectClient(t, urlOf(world, carrier));
      await client.subscribe('r/#', 0);
      await client.texts(count);
      const topics = new Set(client.received.map(({ topic }) => topic));
      assert.equal(topics.size, count);
    });

  const ways: readonly (readonly [string, (socket: Socket) => unknown])[] = [
    ['closes', (socket) => socket.end()],
    ['is reset', (socket) => socket.resetAndDestroy()],
  ];
  for (const [way, leave] of ways)
    void test(`a subscriber over ${carrier} that does not read and ${way} costs nobody but itself`, async (t) => {
      const world = await startWeb(t);
      await retain(world, 3000, 2000);
      for (let round = 0; round < 3; round++) {
        const socket = await subscribeWithoutReading(world, carrier);
        leave(socket);
        await until('it is gone', () => world.broker.stats().clients === 0);
      }
      await assertWell(t, world, carrier, 3000);
      assert.deepEqual(world.log.saying('the broker had an error'), []);
    });
}

void test('a subscriber that reads late gets every retained message', async (t) => {
  const world = await startWeb(t);
  await retain(world, 3000, 2000);
  const socket = await subscribeWithoutReading(world, 'TCP');
  let before = -1;
  await until('nothing more goes out', () => {
    const { messagesOut } = world.broker.stats();
    const still = messagesOut === before && messagesOut < 3000;
    before = messagesOut;
    return still;
  });
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
  await until('all messages', () => publishesIn(received).length === 3000, 30_000);
  socket.destroy();
});
