// Dead letters from the shell: beside the gateway that has the file open, and without one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDeadLetters, replayDeadLetters } from '../../../gateway/store/dead-letters.js';
import { runToEnd } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf, samplesOf } from './open-store.js';

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

  assert.equal(await replayDeadLetters(dataDir, [3, 99]), 1);
  assert.deepEqual(await counts(store.outbox.stats()), [1, 2]);
  assert.equal(await replayDeadLetters(dataDir), 2);
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
    /^2\t.*\tboot-a\/tank-1\/1\tMongoDB error 121: no\t\{"temperature":0\.1/,
  );
  assert.match((await run('replay')).output, /^1 put back into the outbox/);
  assert.match((await run('list')).output, /There are no dead letters/);
  assert.match((await run('reply')).output, /bad_argument: .*list or replay/);
  assert.match((await run('replay', 'x')).output, /bad_argument: A position is a whole number/);
});

test('a folder without a store is said to be one, and no file is made in it', async (t) => {
  const dataDir = await temporaryFolder(t);
  await assert.rejects(readDeadLetters(dataDir, 1), rejectedAs('store_failed'));
  await assert.rejects(replayDeadLetters(dataDir), rejectedAs('store_failed'));
});
