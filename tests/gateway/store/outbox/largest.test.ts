// The store filled up to its size with the largest samples there are: beside none, behind small ones, over a history of
// small ones. It stays as large as it may be, whoever has to give way.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { StoreWorkerOptions } from '../../../../gateway/store/durable/worker.js';
import { GatewayError } from '../../../../shared/errors.js';
import type { IncomingSample } from '../../../../shared/sample.js';
import { openStore, sampleOf, type OpenedStore } from '../open-store.js';

const MB = 1024 * 1024;
const LIMITS = { maxBytes: 16 * MB, minFreeBytes: 0, ballastBytes: 0 };
/** Between two looks at the file, and of the pages that are cut. */
const SLACK_BYTES = MB;
/** A payload has 64 KB: of these characters 32 Ki, two bytes each. */
const FIELDS = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${String(n)}`, 'ж'.repeat(530)]));

const large = (seq: number): IncomingSample => sampleOf(seq, { values: { seq, ...FIELDS } });

const opened = (t: TestContext, whenFull: StoreWorkerOptions['whenFull']): Promise<OpenedStore> =>
  openStore(t, { limits: LIMITS, ...(whenFull === undefined ? {} : { whenFull }) });

async function usedBytes({ store }: OpenedStore): Promise<number> {
  return (await store.outbox.stats()).disk.usedBytes;
}

/** As many clients at once do it; how many were taken. */
async function appendAtOnce({ store }: OpenedStore, samples: readonly IncomingSample[]): Promise<number> {
  const outcomes = await Promise.allSettled(samples.map((sample) => store.outbox.append([sample])));
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      assert.ok(outcome.reason instanceof GatewayError && outcome.reason.code === 'store_full');
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

async function appendSmall(world: OpenedStore, upToBytes: number): Promise<number> {
  for (let seq = 0; ; seq += 1000) {
    if ((await usedBytes(world)) >= upToBytes) return seq;
    await world.store.outbox.append(Array.from({ length: 1000 }, (_, index) => sampleOf(seq + index)));
  }
}

test('refuse: what was taken fits, and all of it is there', async (t) => {
  const world = await opened(t, 'refuse');
  const taken = await appendAtOnce(
    world,
    Array.from({ length: 400 }, (_, seq) => large(seq)),
  );
  assert.ok(taken > 150 && taken < 300, String(taken));
  assert.ok((await usedBytes(world)) <= LIMITS.maxBytes + SLACK_BYTES, String(await usedBytes(world)));
  const seqs: number[] = [];
  for (;;) {
    const entries = await world.store.outbox.peek(500);
    if (entries.length === 0) break;
    seqs.push(...entries.map(({ sample }) => sample.seq));
    await world.store.outbox.settle(
      entries.map(({ position }) => position),
      [],
    );
  }
  assert.equal(seqs.length, taken);
  assert.deepEqual(world.failures, []);
});

test('drop-oldest: as many small ones go as large ones need', async (t) => {
  const world = await opened(t, 'drop-oldest');
  const from = await appendSmall(world, LIMITS.maxBytes);
  let largest = 0;
  for (let round = 0; round < 30; round += 1) {
    const samples = Array.from({ length: 10 }, (_, index) => large(from + round * 10 + index));
    assert.equal(await appendAtOnce(world, samples), 10);
    largest = Math.max(largest, await usedBytes(world));
  }
  assert.ok(largest <= LIMITS.maxBytes + SLACK_BYTES, String(largest));
  const [newest] = await world.store.outbox.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 1 });
  assert.equal(newest?.seq, from + 299);
  assert.deepEqual(world.failures, []);
});

test('a history of small ones gives way to large ones, as much as they need', async (t) => {
  const world = await opened(t, 'refuse');
  const from = await appendSmall(world, LIMITS.maxBytes * 0.9);
  while ((await world.store.history.takeOver(5000)).more || (await world.store.outbox.stats()).depth > 0);
  // The history takes less room than the outbox did: filled up again.
  for (let seq = from; (await usedBytes(world)) < LIMITS.maxBytes * 0.98; seq += 5000) {
    await world.store.outbox.append(Array.from({ length: 5000 }, (_, index) => sampleOf(seq + index)));
    await world.store.history.takeOver(5000);
  }
  let largest = 0;
  for (let round = 0; round < 10; round += 1) {
    const samples = Array.from({ length: 10 }, (_, index) => large(1_000_000 + round * 10 + index));
    assert.equal(await appendAtOnce(world, samples), 10);
    largest = Math.max(largest, await usedBytes(world));
  }
  assert.ok(largest <= LIMITS.maxBytes + SLACK_BYTES, String(largest));
  assert.deepEqual(world.failures, []);
});
