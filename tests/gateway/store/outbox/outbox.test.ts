import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingSample, RecordedSample } from '../../../../shared/sample.js';
import { asksOneGateway, SAMPLES_OF_TWO } from '../../../contracts/gateways-contract.js';
import { pagesThroughMoment, SAMPLES_OF_MOMENT } from '../../../contracts/moment-contract.js';
import { openStore, rejectedAs, sampleOf, samplesOf } from '../open-store.js';

test('what was appended is peeked in order, with everything it had', async (t) => {
  const { store } = await openStore(t);
  const values = JSON.parse(
    '{"__proto__":1,"$set":true,"a.b":"x","":null,"constructor":"é\\u0000"}',
  ) as Record<string, number>;
  await store.outbox.append([sampleOf(0), sampleOf(1, { values, errors: { level: 'out_of_range' } })]);
  await store.outbox.append([sampleOf(2)]);
  const entries = await store.outbox.peek(10);
  assert.deepEqual(
    entries.map(({ position, sample }) => [
      position,
      sample.boot,
      sample.seq,
      sample.ts,
      sample.gateway,
      sample.device,
    ]),
    [0, 1, 2].map((seq) => [seq + 1, 'boot-a', seq, 1000 + seq, 'greenhouse', 'tank-1']),
  );
  assert.equal(JSON.stringify(entries[1]?.sample.values), JSON.stringify(values));
  assert.deepEqual(entries[1]?.sample.errors, { level: 'out_of_range' });
  assert.ok(entries[0] !== undefined && !('errors' in entries[0].sample));
  assert.equal(Object.getPrototypeOf(entries[1].sample.values), Object.prototype);
});

test('peek gives the oldest first and no more than asked; settled entries are gone', async (t) => {
  const { store } = await openStore(t);
  await store.outbox.append(samplesOf(5));
  assert.deepEqual(
    (await store.outbox.peek(2)).map((entry) => entry.position),
    [1, 2],
  );
  await store.outbox.settle([1, 3], []);
  assert.deepEqual(
    (await store.outbox.peek(9)).map((entry) => entry.position),
    [2, 4, 5],
  );
  assert.equal((await store.outbox.stats()).depth, 3);
});

test('a sample without identity gets the id of the store and its position, the same at every reading', async (t) => {
  const { store } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(7);
  assert.ok(identity);
  await store.outbox.append([sampleOf(0), anonymous]);
  const { storeId } = await store.outbox.stats();
  assert.match(storeId, /^store-[0-9a-f]{16}$/);
  for (let reading = 0; reading < 2; reading += 1) {
    const [, entry] = await store.outbox.peek(2);
    assert.deepEqual([entry?.sample.boot, entry?.sample.seq], [storeId, 2]);
  }
});

test('positions and the id of the store outlive a restart, also of an empty outbox', async (t) => {
  const first = await openStore(t);
  await first.store.outbox.append(samplesOf(3));
  await first.store.outbox.settle([1, 2, 3], []);
  const before = await first.store.outbox.stats();
  await first.store.stop();
  const { store } = await openStore(t, { dataDir: first.dataDir });
  await store.outbox.append([sampleOf(9)]);
  const after = await store.outbox.stats();
  assert.equal(after.storeId, before.storeId);
  assert.equal(after.depth, 1);
  assert.deepEqual(
    (await store.outbox.peek(5)).map((entry) => entry.position),
    [4],
  );
});

test('a poisoned entry moves to the dead letters; beyond their limit the oldest are dropped and counted', async (t) => {
  const { store, log } = await openStore(t, { limits: { deadLetters: 2 } });
  await store.outbox.append(samplesOf(5));
  await store.outbox.settle([1], [{ position: 2, reason: 'too large' }]);
  assert.equal((await store.outbox.stats()).deadLetters, 1);
  await store.outbox.settle(
    [],
    [3, 4].map((position) => ({ position, reason: 'too large' })),
  );
  assert.equal((await store.outbox.stats()).deadLetters, 2);
  assert.deepEqual(
    (await store.outbox.peek(5)).map((entry) => entry.position),
    [5],
  );
  assert.equal(store.outbox.drops.droppedDeadLetters, 1);
  assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
});

test('a full outbox refuses the append whole, counts it, and takes again when there is room', async (t) => {
  const { store } = await openStore(t, { limits: { outboxRows: 3 } });
  await store.outbox.append(samplesOf(2));
  await assert.rejects(store.outbox.append(samplesOf(2, 2)), rejectedAs('store_full'));
  assert.equal((await store.outbox.stats()).depth, 2);
  assert.equal(store.outbox.drops.refusedSamples, 2);
  await store.outbox.settle([1], []);
  await store.outbox.append(samplesOf(2, 2));
  assert.equal((await store.outbox.stats()).depth, 3);
});

test('what waited before the start counts towards what the outbox may hold', async (t) => {
  const limits = { outboxRows: 3 };
  const first = await openStore(t, { limits });
  await first.store.outbox.append(samplesOf(2));
  await first.store.stop();
  const { store } = await openStore(t, { limits, dataDir: first.dataDir });
  await assert.rejects(store.outbox.append(samplesOf(2, 2)), rejectedAs('store_full'));
  await store.outbox.append(samplesOf(1, 2));
});

test('more at once than the outbox may hold is refused, and nothing that waits is dropped for it', async (t) => {
  const { store } = await openStore(t, { limits: { outboxRows: 3 }, whenFull: 'drop-oldest' });
  await store.outbox.append(samplesOf(2));
  await assert.rejects(store.outbox.append(samplesOf(6, 2)), rejectedAs('store_full'));
  assert.equal((await store.outbox.stats()).depth, 2);
});

test('one refused append does not take back its neighbours of the same commit', async (t) => {
  const { store } = await openStore(t, { limits: { outboxRows: 3 } });
  const [first, second, third] = await Promise.allSettled([
    store.outbox.append(samplesOf(2)),
    store.outbox.append(samplesOf(2, 2)),
    store.outbox.append(samplesOf(1, 4)),
  ]);
  assert.deepEqual([first.status, second.status, third.status], ['fulfilled', 'rejected', 'fulfilled']);
  assert.deepEqual(
    (await store.outbox.peek(9)).map(({ sample }) => sample.seq),
    [0, 1, 4],
  );
});

test('stats name the moment the oldest waiting sample was accepted', async (t) => {
  const { store, clock } = await openStore(t);
  assert.ok(!('oldestAcceptedTs' in (await store.outbox.stats())));
  const acceptedTs = clock.now();
  await store.outbox.append([sampleOf(0)]);
  clock.jumpWallClock(5000);
  await store.outbox.append([sampleOf(1)]);
  assert.equal((await store.outbox.stats()).oldestAcceptedTs, acceptedTs);
  await store.outbox.settle([1], []);
  assert.equal((await store.outbox.stats()).oldestAcceptedTs, acceptedTs + 5000);
});

test('a query gives the waiting samples of one device in a range, the newest of too many, oldest first', async (t) => {
  const { store } = await openStore(t);
  await store.outbox.append([...samplesOf(6), sampleOf(3, { device: 'tank-2' })]);
  const query = { device: 'tank-1', fromTs: 1001, toTs: 1005, limit: 10 };
  assert.deepEqual(
    (await store.outbox.query(query)).map(({ ts }) => ts),
    [1001, 1002, 1003, 1004],
  );
  assert.deepEqual(
    (await store.outbox.query({ ...query, limit: 2 })).map(({ ts }) => ts),
    [1003, 1004],
  );
});

test('a query gives the waiting samples of one gateway where it is asked for, else of all', async (t) => {
  const { store } = await openStore(t);
  await store.outbox.append(SAMPLES_OF_TWO.map(incoming));
  await asksOneGateway((query) => store.outbox.query(query));
});

test('pages of waiting samples go on among many of one moment, in the order of their identities', async (t) => {
  const { store } = await openStore(t);
  await store.outbox.append(SAMPLES_OF_MOMENT.map(incoming));
  await pagesThroughMoment((query) => store.outbox.query(query));
});

function incoming({ boot, seq, ...sample }: RecordedSample): IncomingSample {
  return { ...sample, identity: { boot, seq } };
}
