// Dead letters from the shell: beside the gateway that has the file open, and without one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDeadLetters, replayDeadLetters } from '../../../../gateway/store/shell/dead-letters.js';
import type { RefusedTelemetry } from '../../../../shared/stores.js';
import { runToEnd } from '../../../support/gateway-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf, samplesOf } from '../open-store.js';

test('dead letters are listed with their reasons, and replayed beside the running store, which notices', async (t) => {
  const { store, dataDir } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(3);
  assert.ok(identity);
  await store.outbox.append([...samplesOf(3), anonymous]);
  const before = await store.outbox.peek(9);
  await store.outbox.settle(
    [1],
    [2, 3, 4].map((position) => ({ position, reason: `no ${String(position)}` })),
  );
  assert.deepEqual(
    (await readDeadLetters(dataDir, 10)).map(({ position, reason }) => [position, reason]),
    [2, 3, 4].map((position) => [position, `no ${String(position)}`]),
  );
  assert.equal((await readDeadLetters(dataDir, 2)).length, 2);

  assert.deepEqual(await replayDeadLetters(dataDir, [3, 99]), { moved: 1, left: 0 });
  assert.deepEqual(await counts(store.outbox.stats()), [1, 2]);
  assert.deepEqual(await replayDeadLetters(dataDir), { moved: 2, left: 0 });
  assert.deepEqual(await counts(store.outbox.stats()), [3, 0]);
  const after = await store.outbox.peek(9);
  assert.deepEqual(
    after.map(({ sample }) => sample),
    [2, 1, 3].map((index) => before[index]?.sample),
    'each with the identity it had',
  );
  await store.outbox.append([sampleOf(9)]);
  assert.deepEqual(await counts(store.outbox.stats()), [4, 0]);
});

async function counts(
  stats: Promise<{ readonly depth: number; readonly deadLetters: number }>,
): Promise<readonly number[]> {
  const { depth, deadLetters } = await stats;
  return [depth, deadLetters];
}

test('at a shell they are listed and replayed without a gateway; what is typed wrong is said', async (t) => {
  const { store, dataDir } = await openStore(t);
  await store.outbox.append(samplesOf(2));
  await store.outbox.settle([], [{ position: 2, reason: 'MongoDB error 121: no' }]);
  await store.stop();
  const run = (...args: string[]): ReturnType<typeof runToEnd> =>
    runToEnd(t, ['dead-letters', ...args, '--data', dataDir]);
  assert.match(
    (await run()).output,
    /^2 +.* +boot-a\/tank-1\/1 +MongoDB error 121: no +\{"temperature":0\.1/,
  );
  assert.match((await run('replay')).output, /^1 put back into the outbox/);
  assert.match((await run('list')).output, /There are no dead letters/);
  assert.match((await run('reply')).output, /did you mean replay/);
  assert.match((await run('replay', 'x')).output, /bad_argument: A position is a whole number/);
});

const refusedOf = (payload: string): RefusedTelemetry => ({
  topic: 'iot/greenhouse/device/tank-1/telemetry',
  gateway: 'greenhouse',
  device: 'tank-1',
  payload: Buffer.from(payload),
  reason: 'bad_json: no',
});

test('what is no sample is kept beside them, stays at a replay, and takes no identity from a sample', async (t) => {
  const { store, dataDir } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(3);
  assert.ok(identity);
  await Promise.all([
    store.outbox.append([anonymous]),
    store.outbox.bury(refusedOf('21.5 °C')),
    store.outbox.append([anonymous]),
  ]);
  const seqs = (await store.outbox.peek(9)).map(({ sample }) => sample.seq);
  assert.deepEqual(seqs, [1, 3]);
  assert.deepEqual(await counts(store.outbox.stats()), [2, 1]);
  assert.deepEqual(await replayDeadLetters(dataDir), { moved: 0, left: 1 });
  const listed = await runToEnd(t, ['dead-letters', '--data', dataDir]);
  assert.match(listed.output, /^2 +.* +bad_json: no +iot\/greenhouse\/device\/tank-1\/telemetry 21\.5 °C/);
  assert.match(
    (await runToEnd(t, ['dead-letters', 'replay', '--data', dataDir])).output,
    /1 stay: .*no samples/,
  );
});

test('beyond their limit what is no sample goes first, then the oldest; both by number and by size', async (t) => {
  const { store, dataDir } = await openStore(t, { limits: { deadLetters: 5, maxBytes: 2e6 } });
  const kept = async (): Promise<readonly number[]> =>
    (await readDeadLetters(dataDir, 10)).map(({ position }) => position);
  await store.outbox.append([sampleOf(0)]);
  await store.outbox.settle([], [{ position: 1, reason: 'no' }]);
  for (const text of ['a', 'b', 'c', 'd', 'e']) await store.outbox.bury(refusedOf(text));
  assert.deepEqual(await kept(), [1, 3, 4, 5, 6]);
  for (const text of ['f', 'g', 'h', 'i']) await store.outbox.bury(refusedOf(text.repeat(65_000)));
  assert.deepEqual(await kept(), [1, 8, 9, 10]);
  assert.equal(store.outbox.drops.droppedDeadLetters, 6);
});

test('where there is no room what is no sample costs no sample: it is refused as they are, or dropped and counted', async (t) => {
  const limits = { maxBytes: 20_000 };
  const { store } = await openStore(t, { limits, whenFull: 'drop-oldest' });
  await store.outbox.append(samplesOf(2));
  for (const text of ['a', 'b']) await store.outbox.bury(refusedOf(text));
  assert.deepEqual(await counts(store.outbox.stats()), [2, 0]);
  assert.deepEqual([store.outbox.drops.droppedSamples, store.outbox.drops.droppedDeadLetters], [0, 2]);
  const refusing = await openStore(t, { limits });
  await assert.rejects(refusing.store.outbox.bury(refusedOf('a')), rejectedAs('store_full'));
});

test('a folder without a store is said to be one, and no file is made in it', async (t) => {
  const dataDir = await temporaryFolder(t);
  await assert.rejects(readDeadLetters(dataDir, 1), rejectedAs('store_failed'));
  await assert.rejects(replayDeadLetters(dataDir), rejectedAs('store_failed'));
});
