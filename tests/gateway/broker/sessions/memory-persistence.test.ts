// aedes-persistence's own suite, as the package ships it, and what it does not ask: bounds, and that the hot path is
// synchronous.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import type { StoredPacket } from '../../../../gateway/broker/mqtt/packet.js';

/** As aedes calls it where it sends by itself all that waits: its own suite asks for that. */
const LIMITS = { ...DEFAULT_LIMITS, maxInflightOutbound: Infinity };

type AbstractSuite = (options: { test: typeof test; persistence: () => unknown; testAsync: boolean }) => void;

// It belongs to a dependency of aedes, so it is looked up from there.
const fromAedes = createRequire(import.meta.resolve('aedes'));
const abstractSuite = fromAedes('aedes-persistence/abstract.js') as AbstractSuite;

/** Only the identifier of an incoming QoS 2 message is kept: nobody asks for more. */
const WHOLE_INCOMING = 'add incoming packet, get it, and clear with messageId';

abstractSuite({
  test: (async (name: string, run: () => Promise<void>) => {
    if (name !== WHOLE_INCOMING) await test(name, run);
  }) as typeof test,
  persistence: () => new MemoryPersistence({ limits: LIMITS }),
  testAsync: true,
});

function message(brokerCounter: number, text = 'x', topic = 'a'): StoredPacket {
  const payload = Buffer.from(text);
  return { cmd: 'publish', brokerId: 'b', brokerCounter, topic, payload, qos: 1, retain: false, dup: false };
}

async function queued(store: MemoryPersistence, id: string): Promise<(number | undefined)[]> {
  const packets = (await store.outgoingStream({ id }).toArray()) as StoredPacket[];
  return packets.map(({ brokerCounter }) => brokerCounter);
}

void test('what lies between a message getting its number and its delivery calls back before it returns', () => {
  const store = new MemoryPersistence({ limits: LIMITS });
  const client = { id: 'c' };
  const called: string[] = [];
  store.storeRetained({ ...message(1), retain: true }).then(() => called.push('retained'));
  store.subscriptionsByTopic('a').then(() => called.push('subscriptions'));
  store.outgoingEnqueueCombi([{ clientId: 'c', qos: 1 }], message(1)).then(() => called.push('enqueue'));
  store.outgoingUpdate(client, message(1)).then(() => called.push('update'));
  store.incomingGetPacket(client, { messageId: 1 }).then(null, () => called.push('get'));
  store.incomingStorePacket(client, message(1)).then(() => called.push('store'));
  assert.deepEqual(called, ['retained', 'subscriptions', 'enqueue', 'update', 'get', 'store']);
});

void test('a full queue of an absent client loses its oldest message, counted', async () => {
  const store = new MemoryPersistence({ limits: { ...LIMITS, maxQueuedMessages: 3 } });
  for (let counter = 1; counter <= 5; counter++) {
    await store.outgoingEnqueueCombi([{ clientId: 'c', qos: 1 }], message(counter));
  }
  assert.deepEqual(await queued(store, 'c'), [3, 4, 5]);
  assert.equal(store.dropped.droppedQueued, 2);
});

void test('the queue of an absent client is bounded in bytes as well', async () => {
  const store = new MemoryPersistence({ limits: { ...LIMITS, maxQueuedBytes: 3000 } });
  const big = 'x'.repeat(1000);
  for (let counter = 1; counter <= 4; counter++) {
    await store.outgoingEnqueueCombi([{ clientId: 'c', qos: 1 }], message(counter, big));
  }
  assert.deepEqual(await queued(store, 'c'), [3, 4]);
});

void test('a message that two filters of one client match is queued once', async () => {
  const store = new MemoryPersistence({ limits: LIMITS });
  const twice = [
    { clientId: 'c', qos: 1 as const },
    { clientId: 'c', qos: 2 as const },
  ];
  await store.outgoingEnqueueCombi(twice, message(1));
  assert.deepEqual(await queued(store, 'c'), [1]);
});

void test('clearing without an identifier takes nothing out of the queue', async () => {
  const store = new MemoryPersistence({ limits: LIMITS });
  await store.outgoingEnqueueCombi([{ clientId: 'c', qos: 1 }], message(1));
  await store.outgoingClearMessageId({ id: 'c' }, {});
  assert.deepEqual(await queued(store, 'c'), [1]);
});

void test('the retained store keeps no more topics than its limit and counts the rest', async () => {
  const store = new MemoryPersistence({ limits: { ...LIMITS, maxRetained: 2 } });
  for (const topic of ['a', 'b', 'c', 'a'])
    await store.storeRetained({ ...message(1, 'new', topic), retain: true });
  assert.equal(store.retained.size, 2);
  assert.equal(store.retained.dropped, 1);
});

void test('a retained value that does not fit any more clears the old one, which is not the newest', async () => {
  const store = new MemoryPersistence({ limits: { ...LIMITS, maxRetainedBytes: 500 } });
  await store.storeRetained({ ...message(1, 'old'), retain: true });
  await store.storeRetained({ ...message(2, 'x'.repeat(1000)), retain: true });
  assert.deepEqual([...store.retained.matching(['#'])], []);
});

void test('above the limit of sessions the longest known one that is away is forgotten', async () => {
  const store = new MemoryPersistence({ limits: { ...LIMITS, maxSessions: 2 } });
  await store.setup({ id: 'b', clients: { connected: {} } });
  for (const id of ['connected', 'away', 'new'])
    await store.addSubscriptions({ id }, [{ topic: 'a', qos: 1 }]);
  const kept = await store.subscriptionsByTopic('a');
  assert.deepEqual(kept.map(({ clientId }) => clientId).sort(), ['connected', 'new']);
  assert.equal(store.dropped.droppedSessions, 1);
});

void test('a retained message of a topic that is not kept is not kept', async () => {
  const store = new MemoryPersistence({ limits: LIMITS, keepsRetained: (topic) => topic !== 'a' });
  await store.storeRetained({ ...message(1), retain: true });
  assert.equal(store.retained.size, 0);
});

void test('what the gateway retains itself takes no place of what clients retain', async () => {
  const limits = { ...LIMITS, maxRetained: 2, maxRetainedBytes: 1000 };
  const store = new MemoryPersistence({ limits, isUnlimited: (topic) => topic.startsWith('own/') });
  const keep = async (topic: string, text: string): Promise<void> => {
    await store.storeRetained({ ...message(1, text, topic), retain: true });
  };
  for (let index = 0; index < 10; index++) await keep(`own/${String(index)}`, 'x'.repeat(500));
  for (const topic of ['a', 'b', 'c']) await keep(topic, '1');
  assert.deepEqual([store.retained.size, store.retained.dropped], [12, 1]);
});

void test('no will of a broker that lives is given away, whoever aedes takes for dead', async () => {
  const store = new MemoryPersistence({ limits: LIMITS });
  await store.setup({ id: 'b', clients: {} });
  await store.putWill({ id: 'c' }, message(1));
  // As aedes asks when the wall clock was set forward.
  assert.deepEqual(await store.streamWill({}).toArray(), []);
});
