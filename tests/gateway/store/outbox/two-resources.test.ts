// What is ahead of the tables, and the tables: one transaction for both, whatever fails in it.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readAhead, openAhead } from '../../../../gateway/store/file/open-ahead.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import { OutboxRows } from '../../../../gateway/store/outbox/outbox.js';
import { rowOfIncoming } from '../../../../gateway/store/rows/sample.js';
import { GroupCommit } from '../../../../gateway/store/sqlite/group-commit.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { GatewayError } from '../../../../shared/errors.js';
import { sampleOf } from '../open-store.js';

const LIMITS = { outboxRows: 1000, deadLetters: 1000, maxBytes: 1e9 };

interface World {
  readonly outbox: OutboxRows;
  /** Runs them in one transaction; what became of each. */
  readonly commit: (...jobs: readonly (() => void)[]) => readonly string[];
  /** As a kill at this moment would leave it. */
  readonly left: () => readonly number[];
  readonly waiting: () => readonly number[];
}

async function opened(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'two-resources-'));
  const file = openStoreFile(await loadSqlite(), storePath(folder));
  const path = join(folder, 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  t.after(() => {
    ahead.close();
    file.database.close();
    rmSync(folder, { recursive: true });
  });
  const outbox = new OutboxRows(file, ahead, LIMITS, () => false);
  const commits = new GroupCommit(file.database, {
    alongside: outbox.alongside,
    onAnswered: () => undefined,
    onRollback: () => {
      outbox.recount();
    },
  });
  return {
    outbox,
    commit: (...jobs) => {
      const outcomes: string[] = [];
      for (const [index, run] of jobs.entries())
        commits.add({
          run,
          done: () => (outcomes[index] = 'done'),
          failed: ({ code }) => (outcomes[index] = code),
        });
      commits.commit();
      return outcomes;
    },
    left: () => readAhead(path, 'store').map(({ seq }) => seq),
    waiting: () => outbox.peek(100).map(({ seq }) => seq),
  };
}

const adds =
  ({ outbox }: World, ...seqs: readonly number[]): (() => void) =>
  () => {
    outbox.append(
      seqs.map((seq) => rowOfIncoming(sampleOf(seq))),
      1,
      false,
    );
  };

test('a job that fails takes back its own samples alone, also those that it had moved into the table', async (t) => {
  const world = await opened(t);
  assert.deepEqual(world.commit(adds(world, 0, 1)), ['done']);
  const fails = (): void => {
    world.outbox.settle([1], []);
    adds(world, 3)();
    world.outbox.fold();
    throw new Error('in the middle');
  };
  assert.deepEqual(world.commit(adds(world, 2), fails, adds(world, 4)), ['done', 'store_failed', 'done']);
  assert.deepEqual(world.waiting(), [0, 1, 2, 4]);
  assert.deepEqual(world.left(), [0, 1, 2, 4]);
  assert.equal(world.outbox.depth, 4);
});

test('a transaction that fails as a whole leaves neither its samples nor what it took out', async (t) => {
  const world = await opened(t);
  world.commit(adds(world, 0, 1));
  const noSpace = (): void => {
    world.outbox.settle([1], []);
    throw new GatewayError('store_full', 'No room.', {
      cause: Object.assign(new Error('no'), { code: 'ENOSPC' }),
    });
  };
  assert.deepEqual(world.commit(adds(world, 2), noSpace), ['store_full', 'store_full']);
  assert.deepEqual(world.waiting(), [0, 1]);
  assert.deepEqual(world.left(), [0, 1]);
  world.commit(adds(world, 3));
  assert.deepEqual(
    [world.waiting(), world.left()],
    [
      [0, 1, 3],
      [0, 1, 3],
    ],
  );
});

test('what is moved into the table is there once, and no more ahead of it', async (t) => {
  const world = await opened(t);
  world.commit(adds(world, 0, 1), () => {
    world.outbox.fold();
  });
  world.commit(adds(world, 2));
  assert.deepEqual([world.waiting(), world.left(), world.outbox.depth], [[0, 1, 2], [2], 3]);
});

test('a move takes one device after the other, and ends with what was there when it began', async (t) => {
  const world = await opened(t);
  const { outbox } = world;
  const addsOf = (device: string, seq: number) => (): void => {
    outbox.append([rowOfIncoming(sampleOf(seq, { device }))], 1, true);
  };
  const devices = ['a', 'b', 'c', 'a', 'b', 'a'];
  world.commit(...devices.map((device, seq) => addsOf(device, seq)));
  const moved: string[][] = [];
  const move = { more: true };
  while (move.more) {
    world.commit(
      () => {
        const next = outbox.toMove(100);
        moved.push(next.rows.map(({ device, seq }) => `${device}${String(seq)}`));
        outbox.takeOut(next.rows, []);
        move.more = next.more;
      },
      addsOf('a', 10 + moved.length),
    );
  }
  assert.deepEqual(moved, [['a0', 'a3', 'a5'], ['b1', 'b4'], ['c2']]);
  assert.deepEqual(world.waiting(), [10, 11, 12]);
});

test('a move that something else ends does not keep the next one from beginning', async (t) => {
  const world = await opened(t);
  const { outbox } = world;
  const add = (device: string, seq: number) => (): void => {
    outbox.append([rowOfIncoming(sampleOf(seq, { device }))], 1, true);
  };
  const moved: number[] = [];
  const move = (): void => {
    const { rows } = outbox.toMove(100);
    moved.push(...rows.map(({ seq }) => seq));
    outbox.takeOut(rows, []);
  };
  world.commit(add('a', 0), add('b', 1), move, () => {
    outbox.fold();
  });
  world.commit(move, add('a', 2));
  world.commit(move);
  assert.deepEqual(moved, [0, 1, 2]);
});
