import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { GroupCommit, type Job } from '../../../../gateway/store/sqlite/group-commit.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import type { SqliteDatabase } from '../../../../gateway/store/sqlite/engine.js';
import { GatewayError } from '../../../../shared/errors.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

interface Bench {
  readonly database: SqliteDatabase;
  readonly commits: GroupCommit;
  /** What happened, in order: statements that end a transaction, and answers. */
  readonly story: string[];
  readonly errors: GatewayError[];
  readonly job: (name: string, run: () => void) => Job;
  readonly insert: (key: string) => Job;
  readonly keys: () => unknown[];
}

async function bench(t: TestContext, spacingMs = 0): Promise<Bench> {
  const real = (await loadSqlite()).open(join(await temporaryFolder(t), 'a.sqlite'));
  t.after(() => {
    real.close();
  });
  real.exec('CREATE TABLE t (k TEXT UNIQUE)');
  const story: string[] = [];
  const errors: GatewayError[] = [];
  const database: SqliteDatabase = {
    ...real,
    exec: (sql) => {
      real.exec(sql);
      if (sql === 'COMMIT' || sql === 'ROLLBACK') story.push(sql);
    },
  };
  const commits = new GroupCommit(database, {
    onRollback: () => story.push('recount'),
    onAnswered: () => story.push('all told'),
    spacingMs,
  });
  const job = (name: string, run: () => void): Job => ({
    run,
    done: () => story.push(`${name} done`),
    failed: (error) => {
      story.push(`${name} ${error.code}`);
      errors.push(error);
    },
  });
  const insert = real.prepare('INSERT INTO t VALUES (?)');
  return {
    database: real,
    commits,
    story,
    errors,
    job,
    insert: (key) => job(key, () => insert.run(key)),
    keys: () =>
      real
        .prepare('SELECT k FROM t ORDER BY k')
        .all()
        .map((row) => row['k']),
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the jobs of one turn share a commit, and are answered after it, in their order', async (t) => {
  const { commits, story, insert, keys } = await bench(t);
  for (const key of ['a', 'b', 'c']) commits.add(insert(key));
  assert.deepEqual(story, []);
  await nextTurn();
  assert.deepEqual(story, ['COMMIT', 'a done', 'b done', 'c done', 'all told']);
  commits.add(insert('d'));
  await nextTurn();
  assert.deepEqual(story.slice(5), ['COMMIT', 'd done', 'all told']);
  assert.deepEqual(keys(), ['a', 'b', 'c', 'd']);
});

test('a job that fails halfway takes back its own work and nobody else’s', async (t) => {
  const { database, commits, story, job, insert, keys } = await bench(t);
  const twice = database.prepare('INSERT INTO t VALUES (?)');
  commits.add(insert('a'));
  commits.add(
    job('half', () => {
      twice.run('b');
      twice.run('a');
    }),
  );
  commits.add(insert('c'));
  await nextTurn();
  assert.deepEqual(story, ['recount', 'COMMIT', 'a done', 'half store_failed', 'c done', 'all told']);
  assert.deepEqual(keys(), ['a', 'c']);
});

test('a refusal keeps its code and counts nothing anew', async (t) => {
  const { commits, story, job } = await bench(t);
  commits.add(
    job('full', () => {
      throw new GatewayError('store_full', 'no room');
    }),
  );
  await nextTurn();
  assert.deepEqual(story, ['COMMIT', 'full store_full', 'all told']);
});

test('a commit that fails fails all of its jobs, keeps nothing of them, and the next one works', async (t) => {
  const { database, commits, story, job, insert, keys } = await bench(t);
  commits.add(insert('a'));
  commits.add(
    job('rollback', () => {
      // As SQLite does by itself on an I/O error: the transaction is gone when the job fails.
      database.exec('ROLLBACK');
      throw new Error('disk I/O error');
    }),
  );
  commits.add(insert('b'));
  await nextTurn();
  assert.deepEqual(story, [
    'recount',
    'a store_failed',
    'rollback store_failed',
    'b store_failed',
    'all told',
  ]);
  assert.deepEqual(keys(), []);
  commits.add(insert('c'));
  await nextTurn();
  assert.deepEqual(keys(), ['c']);
});

test('a disk that is full is store_full, and what fits goes on', async (t) => {
  const { database, commits, errors, insert, keys } = await bench(t);
  database.exec('PRAGMA max_page_count = 6');
  commits.add(insert('a'));
  await nextTurn();
  commits.add(insert('x'.repeat(100_000)));
  await nextTurn();
  commits.add(insert('b'));
  await nextTurn();
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['store_full'],
  );
  assert.deepEqual(keys(), ['a', 'b']);
});

test('with a spacing nothing is committed too soon after a commit, and a closing still commits at once', async (t) => {
  const { commits, insert, keys } = await bench(t, 3_600_000);
  commits.add(insert('a'));
  await nextTurn();
  assert.deepEqual(keys(), ['a']);
  commits.add(insert('b'));
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  assert.deepEqual(keys(), ['a']);
  commits.commit();
  assert.deepEqual(keys(), ['a', 'b']);
});

test('what somebody waits for is committed at once, and takes along what waits for its spacing', async (t) => {
  const { commits, insert, keys, story } = await bench(t, 3_600_000);
  commits.add(insert('a'));
  await nextTurn();
  commits.add(insert('b'));
  await nextTurn();
  commits.add({ ...insert('c'), urgent: true });
  await nextTurn();
  assert.deepEqual(keys(), ['a', 'b', 'c']);
  assert.deepEqual(story.slice(3), ['COMMIT', 'b done', 'c done', 'all told']);
});

test('in haste nothing waits for its spacing any more', async (t) => {
  const { commits, insert, keys } = await bench(t, 3_600_000);
  for (const key of ['a', 'b']) {
    commits.add(insert(key));
    await nextTurn();
  }
  assert.deepEqual(keys(), ['a']);
  commits.hurry();
  await nextTurn();
  commits.add(insert('c'));
  await nextTurn();
  assert.deepEqual(keys(), ['a', 'b', 'c']);
});

test('where room can be made on a full disk the commit is tried once more, with all of its jobs', async (t) => {
  const { database, story, job, keys } = await bench(t);
  database.exec('PRAGMA max_page_count = 6');
  let asked = 0;
  const commits = new GroupCommit(database, {
    onRollback: () => undefined,
    onAnswered: () => undefined,
    onFull: () => {
      asked += 1;
      database.exec('PRAGMA max_page_count = 100');
      return true;
    },
  });
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  for (const key of ['a', 'x'.repeat(20_000), 'y']) commits.add(job(key.slice(0, 1), () => insert.run(key)));
  await nextTurn();
  assert.deepEqual(story, ['a done', 'x done', 'y done']);
  assert.deepEqual([asked, keys().length], [1, 3]);
});
