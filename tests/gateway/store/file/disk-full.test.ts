// A really full disk: a small tmpfs, filled by somebody else's file or by the outbox itself.
import assert from 'node:assert/strict';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SingleInstanceLock } from '../../../../gateway/store/file/instance-lock.js';
import type { StoreWorkerOptions } from '../../../../gateway/store/durable/worker.js';
import { GatewayError } from '../../../../shared/errors.js';
import type { IncomingSample } from '../../../../shared/sample.js';
import { smallDisk } from '../../../support/small-disk.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs, samplesOf, type OpenedStore } from '../open-store.js';

const MB = 1024 * 1024;
const RECORDED = { ts: 0, gateway: 'g', device: 'tank-1', boot: 'b', seq: 0, values: { n: 1 } };
const LIMITS = { minFreeBytes: 0, ballastBytes: 5 * MB };

async function onSmallDisk(
  t: TestContext,
  options: Partial<StoreWorkerOptions> = {},
): Promise<(OpenedStore & { readonly folder: string }) | undefined> {
  const disk = await smallDisk(t, 20);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return undefined;
  }
  const opened = await openStore(t, { dataDir: disk.folder, limits: LIMITS, ...options });
  await opened.store.outbox.stats();
  return { ...opened, folder: disk.folder };
}

/** A hundred samples of half a kilobyte. */
function fat(from: number): IncomingSample[] {
  return samplesOf(100, from).map((sample) => ({ ...sample, values: { text: 'x'.repeat(500) } }));
}

/** Takes out all that waits, batch after batch; its numbers, in order. */
async function drained({ store }: OpenedStore): Promise<number[]> {
  const seqs: number[] = [];
  for (;;) {
    const entries = await store.outbox.peek(500);
    if (entries.length === 0) return seqs;
    seqs.push(...entries.map(({ sample }) => sample.seq));
    await store.outbox.settle(
      entries.map(({ position }) => position),
      [],
    );
  }
}

/** Appends until the first refusal; the number acknowledged, and what refused. */
async function fill(
  { store }: OpenedStore,
  most = 2000,
): Promise<{ acknowledged: number; refusal?: GatewayError }> {
  for (let batch = 0; batch < most; batch += 1) {
    try {
      await store.outbox.append(fat(batch * 100));
    } catch (thrown) {
      assert.ok(thrown instanceof GatewayError);
      return { acknowledged: batch * 100, refusal: thrown };
    }
  }
  return { acknowledged: most * 100 };
}

test('on a full disk `refuse` keeps all that was acknowledged, and deletes still work: the ballast is given back', async (t) => {
  const opened = await onSmallDisk(t);
  if (opened === undefined) return;
  const { store, clock, log } = opened;
  assert.equal((await store.outbox.stats()).disk.ballast, true);
  const { acknowledged, refusal } = await fill(opened);
  assert.equal(refusal?.code, 'store_full');
  const full = await store.outbox.stats();
  assert.deepEqual([full.depth, full.disk.ballast, full.disk.shortage], [acknowledged, false, 'disk']);
  assert.ok(store.outbox.drops.refusedSamples >= 100);
  await fill(opened, 5);
  assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1);
  await clock.advance(60_001);
  await fill(opened, 5);
  assert.equal(log.lines.filter(({ level }) => level === 'error').length, 2);

  assert.deepEqual(
    await drained(opened),
    Array.from({ length: acknowledged }, (_, seq) => seq),
  );
  assert.equal((await store.outbox.stats()).depth, 0);
});

test('a disk that others filled costs nothing of what is recorded, unless the oldest were chosen to go', async (t) => {
  const opened = await onSmallDisk(t);
  if (opened === undefined) return;
  const { store, folder } = opened;
  const recorded = Array.from({ length: 1000 }, (_, seq) => {
    return { ...RECORDED, ts: seq * 1000, seq };
  });
  await store.history.deliver(recorded);
  const rest = (await store.outbox.stats()).disk.freeBytes;
  await writeFile(join(folder, 'other'), Buffer.alloc(rest - 64 * 1024, 1));
  assert.equal((await fill(opened)).refusal?.code, 'store_full');
  await assert.rejects(store.history.deliver([{ ...RECORDED, seq: 1000 }]), rejectedAs('store_full'));
  await store.history.prune();
  const left = await store.history.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10_000 });
  assert.equal(left.length, recorded.length);
});

test('on a disk that others filled the store starts all the same, with what it holds', async (t) => {
  const opened = await onSmallDisk(t);
  if (opened === undefined) return;
  await opened.store.outbox.append(samplesOf(100));
  await opened.store.stop();
  // As dd would: until not a byte more goes in.
  await assert.rejects(writeFile(join(opened.folder, 'other'), Buffer.alloc(20 * MB, 1)), { code: 'ENOSPC' });
  const lock = new SingleInstanceLock(opened.folder);
  await lock.start();
  t.after(() => lock.stop());
  const { store } = await openStore(t, { dataDir: opened.folder, limits: LIMITS });
  const { depth, disk } = await store.outbox.stats();
  assert.deepEqual([depth, disk.ballast, disk.shortage], [100, false, 'disk']);
  assert.equal((await fill({ ...opened, store })).refusal?.code, 'store_full');
});

test('a disk that others filled takes samples again, and gets its ballast back, once they have made room', async (t) => {
  const opened = await onSmallDisk(t);
  if (opened === undefined) return;
  const { store, folder } = opened;
  await store.outbox.append(samplesOf(100));
  const rest = (await store.outbox.stats()).disk.freeBytes;
  await writeFile(join(folder, 'other'), Buffer.alloc(rest - 64 * 1024, 1));
  assert.equal((await fill(opened)).refusal?.code, 'store_full');
  await rm(join(folder, 'other'));
  for (;;) {
    const { disk } = await store.outbox.stats();
    if (disk.shortage === undefined && disk.ballast) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal((await fill(opened, 3)).refusal, undefined);
});

test('on a full disk `drop-oldest` goes on taking samples, and counts and says which were dropped', async (t) => {
  const opened = await onSmallDisk(t, { whenFull: 'drop-oldest' });
  if (opened === undefined) return;
  const { store, log } = opened;
  const { acknowledged, refusal } = await fill(opened, 500);
  assert.equal(refusal, undefined);
  const { depth } = await store.outbox.stats();
  const { droppedSamples } = store.outbox.drops;
  assert.ok(droppedSamples > 0);
  assert.equal(depth + droppedSamples, acknowledged);
  assert.deepEqual(
    await drained(opened),
    Array.from({ length: depth }, (_, index) => droppedSamples + index),
  );
  assert.ok(log.lines.some(({ message }) => message.includes('the oldest samples are dropped')));
});

test('with less free than the floor nothing is taken, long before the disk is full', async (t) => {
  const opened = await onSmallDisk(t, { limits: { ...LIMITS, minFreeBytes: 4 * MB } });
  if (opened === undefined) return;
  const { refusal } = await fill(opened);
  assert.match(refusal?.message ?? '', /less is free than recorder\.min_free/);
  const { disk } = await opened.store.outbox.stats();
  assert.ok(disk.ballast && disk.freeBytes > MB, JSON.stringify(disk));
});

test('above the floor samples are taken, be there room for the ballast as well or not', async (t) => {
  const disk = await smallDisk(t, 20);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const limits = { minFreeBytes: 8 * MB, ballastBytes: 5 * MB };
  const { bavail, bsize } = await statfs(disk.folder);
  await writeFile(join(disk.folder, 'other'), Buffer.alloc(bavail * bsize - 11 * MB, 1));
  const { store } = await openStore(t, { dataDir: disk.folder, limits });
  await store.outbox.append(samplesOf(100));
  const { depth, disk: room } = await store.outbox.stats();
  assert.deepEqual([depth, room.ballast, room.shortage], [100, false, undefined]);
});

test('what lies in the place of the ballast and is none costs no sample', async (t) => {
  const dataDir = await temporaryFolder(t);
  // As no inodes, or another owner: it can't be opened.
  await mkdir(join(dataDir, 'ballast'));
  const { store } = await openStore(t, { dataDir, limits: LIMITS });
  await store.outbox.append(samplesOf(100));
  const { depth, disk } = await store.outbox.stats();
  assert.deepEqual([depth, disk.ballast, disk.shortage], [100, false, undefined]);
});

test('a folder in the place of the ballast gives nothing back, and a full disk costs no more than it must', async (t) => {
  const disk = await smallDisk(t, 20);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  await mkdir(join(disk.folder, 'ballast'));
  const before = await openStore(t, { dataDir: disk.folder, limits: LIMITS });
  await before.store.outbox.append(samplesOf(100));
  // They are in the table then.
  await before.store.stop();
  const { store, failures } = await openStore(t, { dataDir: disk.folder, limits: LIMITS });
  const other = join(disk.folder, 'other');
  await assert.rejects(writeFile(other, Buffer.alloc(20 * MB, 1)), { code: 'ENOSPC' });
  // Without ballast not even a delete is possible.
  await assert.rejects(store.outbox.settle([1], []), rejectedAs('store_full'));
  assert.deepEqual(failures, []);
  await rm(other);
  await store.outbox.settle([1], []);
  assert.equal((await store.outbox.stats()).depth, 99);
});

test('with `drop-oldest` the history gives way on a full disk, so that new samples are still taken', async (t) => {
  const opened = await onSmallDisk(t, { whenFull: 'drop-oldest' });
  if (opened === undefined) return;
  const { store } = opened;
  let seq = 0;
  for (let round = 0; round < 400; round += 1) {
    const batch = Array.from({ length: 100 }, () => {
      const values = { text: 'x'.repeat(400), n: seq };
      seq += 1;
      return { ts: seq * 1000, gateway: 'g', device: 'tank-1', boot: 'b', seq, values };
    });
    await store.history.deliver(batch);
  }
  const left = await store.history.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100_000 });
  assert.equal(left.at(-1)?.seq, seq);
  assert.ok(left.length > 5000 && left.length < seq, String(left.length));
  assert.equal((await store.outbox.stats()).disk.historyGivenUp, seq - left.length);
});
