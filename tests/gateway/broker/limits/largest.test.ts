// Limits are rows and bytes: each with the largest that is let in, so many of them and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  connectPacket,
  openRaw,
  subscribePacket,
  type RawConnect,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';
import { rejectedAs } from '../../store/open-store.js';

const { maxTopicBytes, maxFilterBytes, maxClientIdBytes } = DEFAULT_LIMITS;
type Ending = Parameters<typeof openRaw>[0];

/** A filter of one level, as long as it may be. */
const longest = (name: string): string => name.padEnd(maxTopicBytes, 'x');

/** With its CONNACK; the code in it. */
async function connect(
  t: Ending,
  port: number,
  clientId: string,
  options: RawConnect = {},
): Promise<readonly [RawConnection, number]> {
  const connection = await openRaw(t, port);
  connection.send(connectPacket(clientId, options));
  const connack = await connection.bytes(4);
  return [connection, connack[3] ?? -1];
}

/** Asks for so many of the longest filters, one after the other; how many were granted. */
async function granted(client: RawConnection, name: string, count: number): Promise<number> {
  const answers = (): Buffer[] =>
    packetsIn(client.received).flatMap(({ type, body }) => (type === 9 ? [body] : []));
  const before = answers().length;
  for (let id = 1; id <= count; id += 1)
    client.send(subscribePacket(longest(`${name}${String(id)}-`), 1, id));
  await until('the answers', () => answers().length === before + count);
  return answers()
    .slice(before)
    .filter((body) => body[2] === 1).length;
}

test("the gateway's own messages of 2 MB wait while they fit, and their room comes back", async (t) => {
  const { broker } = await startBroker(t);
  const takes: (() => void)[] = [];
  await broker.bus.subscribeBeforeAck('slow', async () => new Promise((resolve) => takes.push(resolve)));
  const message = { topic: 'slow', payload: Buffer.alloc(2_000_000), qos: 1, retain: false } as const;
  const most = DEFAULT_LIMITS.maxWaitingPublishBytes;
  const fitting = Math.floor(most / (message.payload.length + 104));
  const published = Array.from({ length: fitting }, async () => broker.bus.publish(message));
  assert.equal(broker.stats().waitingPublishes, fitting);
  assert.ok(broker.stats().waitingPublishBytes > most - 2_001_000);
  await assert.rejects(broker.bus.publish(message), rejectedAs('queue_full'));
  for (const take of takes.splice(0)) take();
  await Promise.all(published);
  const { waitingPublishes, waitingPublishBytes } = broker.stats();
  assert.deepEqual([waitingPublishes, waitingPublishBytes], [0, 0]);
});

for (const clean of [true, false])
  test(`the longest filters of one client are granted up to their bytes, ${clean ? 'clean' : 'of a session'}`, async (t) => {
    const { broker, port } = await startBroker(t);
    const [client] = await connect(t, port, 'c', { clean });
    const most = maxFilterBytes / maxTopicBytes;
    assert.equal(await granted(client, 'a', most + 5), most);
    assert.equal(broker.stats().subscriptionBytes, maxFilterBytes);
    // Had already, one is granted again.
    assert.equal(await granted(client, 'a', most), most);
  });

test('the longest filters of all clients are granted up to their bytes; who leaves makes room', async (t) => {
  const { broker, port } = await startBroker(t, { maxFilterBytesTotal: 10 * maxTopicBytes });
  const [first] = await connect(t, port, 'first');
  const [second] = await connect(t, port, 'second');
  assert.deepEqual([await granted(first, 'a', 7), await granted(second, 'b', 7)], [7, 3]);
  first.socket.destroy();
  await until('the first is gone', () => broker.stats().subscriptionBytes === 3 * maxTopicBytes);
  assert.equal(await granted(second, 'c', 9), 7);
});

test('what sessions of clients that are away have is counted: no filter is granted and not kept', async (t) => {
  const { broker, port } = await startBroker(t, { maxFilterBytesTotal: 10 * maxTopicBytes });
  const [away] = await connect(t, port, 'away', { clean: false });
  assert.equal(await granted(away, 'a', 7), 7);
  away.socket.destroy();
  await until('it is away', () => broker.stats().clientsAway === 1);
  const [client] = await connect(t, port, 'c', { clean: false });
  assert.equal(await granted(client, 'b', 7), 3);
  assert.equal(broker.stats().subscriptionBytes, 10 * maxTopicBytes);
});

test('a client id of as many bytes as may be is taken, of one more refused by its code', async (t) => {
  const { broker, port } = await startBroker(t);
  for (const clean of [true, false]) {
    const [, fits] = await connect(t, port, 'ü'.repeat(maxClientIdBytes / 2), { clean });
    assert.equal(fits, 0);
    const [beyond, code] = await connect(t, port, `${'ü'.repeat(maxClientIdBytes / 2)}x`, { clean });
    assert.equal(code, 2);
    await beyond.untilClosed();
  }
  assert.equal(broker.stats().breached, 2);
});

test('the largest wills are taken up to their bytes; who leaves or comes again makes room for its own', async (t) => {
  const will = { topic: 'w', text: 'x'.repeat(65_000), qos: 1, retain: false } as const;
  const { broker, port } = await startBroker(t, { maxWillBytesTotal: 3 * 65_101 });
  const clients: RawConnection[] = [];
  for (const name of ['a', 'b', 'c']) {
    const [client, code] = await connect(t, port, name, { will });
    assert.equal(code, 0);
    clients.push(client);
  }
  assert.equal(broker.stats().willBytes, 3 * 65_101);
  const [beyond, code] = await connect(t, port, 'd', { will });
  assert.equal(code, 3);
  await beyond.untilClosed();
  const [again, taken] = await connect(t, port, 'a', { will });
  assert.equal(taken, 0);
  const [, without] = await connect(t, port, 'e');
  assert.equal(without, 0);
  again.socket.destroy();
  await until('its room', () => broker.stats().willBytes === 2 * 65_101);
  const [, fits] = await connect(t, port, 'd', { will });
  assert.equal(fits, 0);
});

test('a session keeps so many bytes of filters and no more, also where it is asked for all at once', () => {
  const store = new MemoryPersistence({
    limits: { ...DEFAULT_LIMITS, maxFilterBytesTotal: 300 * maxTopicBytes },
  });
  const filters = Array.from({ length: 300 }, (_, index) => ({
    topic: longest(`${String(index)}-`),
    qos: 1 as const,
  }));
  store.addSubscriptions({ id: 'a' }, filters);
  assert.equal(store.held.filterBytes, maxFilterBytes);
  store.addSubscriptions({ id: 'b' }, filters.slice());
  assert.equal(store.held.filterBytes, 300 * maxTopicBytes);
});
