import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLocalSamples } from '../../../../gateway/store/shell/reader.js';
import { readingStoreContract, recorded } from '../../../contracts/reading-store-contract.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf } from '../open-store.js';

readingStoreContract('local history', async (t) => (await openStore(t)).store.history);

const all = { device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 10_000 };

test('prune removes what is too old of every device, in as many chunks as it takes', async (t) => {
  const { store, clock } = await openStore(t, { retention: { keepMs: 10_000 } });
  const now = clock.now();
  const batch = Array.from({ length: 2500 }, (_, seq) => recorded(seq, { ts: now - 10_001 }));
  await store.history.deliver(batch);
  await store.history.deliver([
    recorded(0, { device: 'tank-2', ts: now - 10_001 }),
    recorded(9000, { ts: now - 10_000 }),
    recorded(9001, { ts: now }),
  ]);
  assert.equal(await store.history.prune(), 2501);
  assert.deepEqual(
    (await store.history.query(all)).map(({ seq }) => seq),
    [9000, 9001],
  );
  assert.deepEqual(await store.history.query({ ...all, device: 'tank-2' }), []);
  assert.equal(await store.history.prune(), 0);
});

test('beyond its size the store loses the oldest samples of every device, and no more than it must', async (t) => {
  const { store } = await openStore(t, { limits: { maxBytes: 400_000 } });
  const text = 'x'.repeat(500);
  for (let from = 0; from < 2000; from += 500) {
    const batch = Array.from({ length: 500 }, (_, index) =>
      recorded(from + index, { ts: (from + index) * 60_000, values: { text } }),
    );
    await store.history.deliver(batch.flatMap((sample) => [sample, { ...sample, device: 'tank-2' }]));
  }
  assert.ok((await store.history.prune()) > 0);
  const oldest = await Promise.all(
    ['tank-1', 'tank-2'].map(async (device) => {
      const left = await store.history.query({ ...all, device });
      assert.equal(left.at(-1)?.seq, 1999);
      return left[0]?.seq ?? 0;
    }),
  );
  assert.ok(Math.abs((oldest[0] ?? 0) - (oldest[1] ?? 0)) <= 20, `the oldest left: ${oldest.join(' and ')}`);
  assert.ok(Math.max(...oldest) < 1900);
  assert.equal(await store.history.prune(), 0);
});

test('the history takes over the oldest of the outbox, each once, as they were', async (t) => {
  const { store } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(2);
  assert.ok(identity);
  await store.outbox.append([sampleOf(1), sampleOf(0), anonymous, sampleOf(0), sampleOf(7)]);
  const before = await store.outbox.peek(9);
  assert.equal((await store.history.takeOver(4)).taken, 4);
  assert.deepEqual(
    (await store.outbox.peek(9)).map(({ sample }) => sample.seq),
    [7],
  );
  assert.deepEqual(
    await store.history.query(all),
    [1, 0, 2].map((index) => before[index]?.sample),
  );
  assert.equal((await store.history.takeOver(4)).taken, 1);
  assert.equal((await store.history.takeOver(4)).taken, 0);
});

test('without a retention prune removes nothing', async (t) => {
  const { store } = await openStore(t);
  await store.history.deliver([recorded(0)]);
  assert.equal(await store.history.prune(), 0);
});

test('the shell reads what is stored and what waits, each once, beside the running gateway and after it', async (t) => {
  const { store, dataDir } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(3);
  assert.ok(identity);
  await store.outbox.append([sampleOf(0), sampleOf(1), sampleOf(2), anonymous]);
  const waiting = await store.outbox.peek(2);
  await store.history.deliver(waiting.map(({ sample }) => sample));
  await store.outbox.settle([1], []);
  const { storeId } = await store.outbox.stats();
  const expected = [
    ['boot-a', 0],
    ['boot-a', 1],
    ['boot-a', 2],
    [storeId, 4],
  ];
  const look = async (): Promise<unknown> =>
    (await readLocalSamples(dataDir, all)).map(({ boot, seq }) => [boot, seq]);
  assert.deepEqual(await look(), expected);
  await store.stop();
  assert.deepEqual(await look(), expected);
  assert.deepEqual(
    (await readLocalSamples(dataDir, { ...all, limit: 1 })).map(({ seq }) => seq),
    [4],
  );
});

test('a folder without a store is said to be one, and no file is made in it', async (t) => {
  const dataDir = await temporaryFolder(t);
  await assert.rejects(readLocalSamples(dataDir, all), rejectedAs('store_failed'));
  await assert.rejects(readLocalSamples(dataDir, all), rejectedAs('store_failed'));
});
