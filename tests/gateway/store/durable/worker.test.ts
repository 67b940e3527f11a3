import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreWorker } from '../../../../gateway/store/durable/worker.js';
import { storePath } from '../../../../gateway/store/file/store.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf, samplesOf } from '../open-store.js';

function unstarted(dataDir: string): StoreWorker {
  return new StoreWorker({
    dataDir,
    clock: new FakeClock(),
    log: new RecordingLog(),
    onFailure: () => undefined,
  });
}

test('a stop commits what was asked before it; later calls are closed; a new start goes on', async (t) => {
  const { store } = await openStore(t);
  const appends = Array.from({ length: 50 }, (_, seq) => store.outbox.append([sampleOf(seq)]));
  await store.stop();
  await Promise.all(appends);
  await assert.rejects(store.outbox.append([sampleOf(1)]), rejectedAs('closed'));
  await store.start();
  assert.equal((await store.outbox.stats()).depth, 50);
});

test('before the start every call is closed', async (t) => {
  await assert.rejects(unstarted(await temporaryFolder(t)).outbox.stats(), rejectedAs('closed'));
});

test('a data folder that cannot be made is data_unwritable', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  const store = unstarted(join(folder, 'file'));
  await assert.rejects(store.start(), rejectedAs('data_unwritable'));
  await store.stop();
});

test('when the thread dies every waiting caller is told, later ones too, and the failure is reported once', async (t) => {
  const { store, failures } = await openStore(t, { limits: { threadHeapMb: 32, waitingChars: 1e9 } });
  const fat = Array.from({ length: 200_000 }, (_, seq) => ({ ...sampleOf(seq), boot: 'b', seq }));
  const outcomes = await Promise.allSettled([
    store.outbox.append([sampleOf(0)]),
    store.history.deliver(fat),
    store.outbox.stats(),
  ]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    rejectedAs('store_failed')(outcome.reason);
  }
  await assert.rejects(store.outbox.append([sampleOf(0)]), rejectedAs('store_failed'));
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['store_failed'],
  );
});

test('more than the limits waiting for a commit is store_full, and none of it is kept', async (t) => {
  const { store } = await openStore(t, { limits: { waitingCalls: 2, waitingChars: 1000 } });
  const outcomes = await Promise.allSettled([
    store.outbox.append([sampleOf(0)]),
    store.outbox.append([sampleOf(1, { values: { text: 'x'.repeat(1000) } })]),
    store.outbox.append([sampleOf(2)]),
    store.outbox.append([sampleOf(3)]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  );
  assert.equal(store.outbox.drops.refusedSamples, 2);
  assert.deepEqual(
    (await store.outbox.peek(9)).map(({ sample }) => sample.seq),
    [0, 2],
  );
});

test('an identity with a NUL character is refused before it reaches the file', async (t) => {
  const { store } = await openStore(t);
  const sample = sampleOf(0, { identity: { boot: 'a\0b', seq: 0 } });
  await assert.rejects(store.outbox.append([sample]), rejectedAs('bad_payload'));
});

test('appends that arrive while a commit runs share the next one', async (t) => {
  const { store, dataDir } = await openStore(t);
  await Promise.all(samplesOf(2000).map((sample) => store.outbox.append([sample])));
  const { depth } = await store.outbox.stats();
  assert.equal(depth, 2000);
  // Each commit writes whole pages to the WAL: two thousand of their own would be 2000 × 4 kB at least.
  const { size } = await stat(`${storePath(dataDir)}-wal`);
  assert.ok(size < 2_000_000, `the WAL has ${String(size)} bytes`);
});

test('what was moved into the history a device at a time is not waiting again after a stop', async (t) => {
  const { store, dataDir } = await openStore(t);
  for (let seq = 0; seq < 40; seq += 1)
    await store.outbox.append([sampleOf(seq, { device: `tank-${String(seq % 2)}` })]);
  for (let move = { more: true }; move.more;) move = await store.history.takeOver(1000);
  await store.stop();
  assert.equal((await stat(join(dataDir, 'outbox.ahead'))).size, 0);
  const next = await openStore(t, { dataDir });
  assert.equal((await next.store.outbox.stats()).depth, 0);
});

test('a question waits for no spacing of the commits', async (t) => {
  const { store } = await openStore(t, { commitSpacingMs: 3_600_000 });
  const later = store.outbox.append([sampleOf(1)]);
  const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10 };
  assert.deepEqual(await store.outbox.query(all), []);
  await store.stop();
  await later;
});

test('a question is told of what was appended before it, be that committed or not', async (t) => {
  const { store } = await openStore(t);
  const append = store.outbox.append([sampleOf(0)]);
  const found = await store.outbox.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10 });
  assert.deepEqual(
    found.map(({ seq }) => seq),
    [0],
  );
  await append;
});
