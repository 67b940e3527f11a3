// A session is one thing with one end, whatever is in it: counted, bounded, over reconnects and restarts.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import {
  absent,
  connectRaw,
  count,
  killed,
  leave,
  say,
  startRun,
} from '../../../support/mqtt/broker-runs.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  connectPacket,
  header,
  openRaw,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { publishesIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until, untilAsync } from '../../../support/waiting.js';

const PUBREC = 5;
const MEGABYTE = 1024 * 1024;

void test('a message for many absent sessions is kept once, written once, and comes back for each', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const first = await startRun(t, folder, clock);
  const names = Array.from({ length: 60 }, (_, index) => `session ${String(index)}`);
  for (const name of names) await absent(t, first, name);
  for (let index = 0; index < 8; index++) await say(first, 'q/1', Buffer.alloc(200_000, index));
  assert.equal(first.broker.stats().droppedQueued, 0);
  assert.equal(first.broker.stats().storedBytes, 8 * 200_000);
  await first.stop();
  const second = await startRun(t, folder, clock);
  const { size } = await stat(second.path);
  assert.ok(size < 3 * MEGABYTE, `${String(size)} bytes of 1.6 MB`);
  assert.equal(second.broker.stats().storedBytes, 8 * 200_000);
  for (const name of [names[0], names[59]]) {
    const back = await connectRaw(t, second, name ?? '');
    await until('all of them', () => publishesIn(back.received.subarray(4)).length === 8);
  }
});

void test('all sessions together are bounded: the fullest loses its oldest, who has little keeps it', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const limits = { maxQueuedTotalBytes: MEGABYTE };
  const run = await startRun(t, folder, clock, limits);
  await absent(t, run, 'little', 'alarm');
  for (const name of ['a', 'b', 'c']) await absent(t, run, name, `much/${name}`);
  await say(run, 'alarm', 'fire');
  for (let index = 0; index < 30; index++)
    for (const name of ['a', 'b', 'c'])
      await say(run, `much/${name}`, Buffer.alloc(50_000, `${name}${String(index)}`));
  assert.ok(run.broker.stats().storedBytes <= MEGABYTE);
  assert.ok(run.broker.stats().droppedQueued >= 70, String(run.broker.stats().droppedQueued));
  const comes = async (name: string, last: string): Promise<void> => {
    const back = await connectRaw(t, run, name);
    await until('the last', () => publishesIn(back.received.subarray(4)).at(-1)?.text.slice(0, 4) === last);
  };
  await comes('little', 'fire');
  await comes('c', 'c29c');
});

void test('half-done QoS 2 messages are counted by client id, cost no payload, and end with the session', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const limits = { maxInflightInbound: 10, sessionExpiryMs: 60_000 };
  const run = await startRun(t, folder, clock, limits);
  for (let round = 0; round < 4; round++) {
    const sender = await connectRaw(t, run, 'sender');
    for (let index = 1; index <= 10; index++)
      sender.send(publishPacket({ topic: 'a', text: 'x'.repeat(100_000), qos: 2, id: round * 10 + index }));
    await until('the PUBRECs', () => count(sender, PUBREC) === 10);
    await leave(sender, run);
  }
  const { clientsAway, droppedIncoming, storedBytes } = run.broker.stats();
  assert.deepEqual([clientsAway, droppedIncoming, storedBytes], [1, 30, 0]);
  await untilAsync('the last on disk', async () =>
    (await run.written()).includes('["incoming","sender",40]'),
  );
  assert.ok((await stat(run.path)).size < 100_000);
  const back = await connectRaw(t, run, 'sender');
  // Still known: it is not taken twice.
  back.send(publishPacket({ topic: 'a', text: 'again', qos: 2, id: 40, dup: true }));
  await until('the PUBREC', () => count(back, PUBREC) === 1);
  await leave(back, run);
  await clock.advance(70_000);
  assert.deepEqual([run.broker.stats().clientsAway, run.broker.stats().expiredSessions], [0, 1]);
  await untilAsync('its end on disk', async () => (await run.written()).includes('["forgotten","sender"]'));
  const second = await startRun(t, await killed(t, run), clock, limits);
  assert.equal(second.broker.stats().clientsAway, 0);
});

void test('what waits for a client that unsubscribed is a session: counted, bounded, ended by its age', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const limits = { maxSessions: 2, sessionExpiryMs: 60_000 };
  const run = await startRun(t, folder, clock, limits);
  for (const name of ['a', 'b', 'c', 'd']) {
    const client = await connectRaw(t, run, name);
    client.send(subscribePacket(name, 1));
    await client.bytes(9);
    await say(run, name, 'never acknowledged');
    await until('the message', () => count(client, 3) === 1);
    const filter = Buffer.from([0, 2, 0, name.length, ...Buffer.from(name)]);
    client.send(header(0xa2, filter.length), filter);
    await until('the UNSUBACK', () => count(client, 11) === 1);
    await leave(client, run);
  }
  assert.deepEqual([run.broker.stats().clientsAway, run.broker.stats().droppedSessions], [2, 2]);
  assert.equal(run.broker.stats().stored, 2);
  await clock.advance(70_000);
  assert.deepEqual([run.broker.stats().clientsAway, run.broker.stats().stored], [0, 0]);
});

void test('the will of a client that took over its own name comes after a kill', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const run = await startRun(t, folder, clock);
  const connectWith = async (text: string): Promise<RawConnection> => {
    const connection = await openRaw(t, run.port);
    connection.send(connectPacket('dev', { will: { topic: 'will', text, qos: 1, retain: true } }));
    await connection.bytes(4);
    return connection;
  };
  const old = await connectWith('old');
  await connectWith('new');
  await old.untilClosed();
  // The retained message comes behind whatever the takeover left to write.
  await run.broker.bus.publish({ topic: 'mark', payload: Buffer.from('x'), qos: 1, retain: true });
  await untilAsync('all on disk', async () => (await run.written()).includes('"topic":"mark"'));
  const second = await startRun(t, await killed(t, run), clock);
  const reader = await connectClient(t, second.url);
  await reader.subscribe('will', 1);
  assert.deepEqual(await reader.texts(1), ['new']);
});

void test('a restart that nobody comes to has dropped nothing', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const limits = { maxQueuedMessages: 5, maxSessions: 3 };
  const first = await startRun(t, folder, clock, limits);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await absent(t, first, name);
  for (let index = 0; index < 20; index++) await say(first, 'q/1', String(index));
  assert.deepEqual([first.broker.stats().droppedSessions, first.broker.stats().droppedQueued], [2, 45]);
  await first.stop();
  const { broker } = await startRun(t, folder, clock, limits);
  assert.deepEqual([broker.stats().droppedSessions, broker.stats().droppedQueued], [0, 0]);
  assert.deepEqual([broker.stats().clientsAway, broker.stats().stored], [3, 15]);
});

void test('a SUBSCRIBE of thousands of filters is written down once', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const run = await startRun(t, folder, clock, { maxSubscriptions: 20_000, maxFilterLevels: 20_000 });
  const client = await connectRaw(t, run, 'c');
  const filters = Array.from({ length: 9000 }, (_, index) => Buffer.from(index.toString(36)));
  const body = Buffer.concat([
    Buffer.from([0, 7]),
    ...filters.flatMap((filter) => [Buffer.from([0, filter.length]), filter, Buffer.from([1])]),
  ]);
  client.send(header(0x82, body.length), body);
  await until('the SUBACK', () => count(client, 9) === 1);
  await say(run, 'x', 'x');
  await untilAsync('it is on disk', async () => (await run.written()).includes('"subscribed"'));
  assert.ok(run.journal.stats().bytes < MEGABYTE, String(run.journal.stats().bytes));
  assert.equal(run.journal.stats().fault, undefined);
});

void test('sessions of clients that were all there are within their limit as soon as one has left', async (t) => {
  const { broker, url } = await startBroker(t, { maxSessions: 2 });
  const clients = [];
  for (const clientId of ['a', 'b', 'c', 'd']) {
    const client = await connectClient(t, url, { clientId, clean: false });
    await client.subscribe(clientId, 1);
    clients.push(client);
  }
  for (const client of clients) await client.mqtt.endAsync();
  await until('two are left', () => broker.stats().clientsAway === 2);
  assert.equal(broker.stats().droppedSessions, 2);
});
