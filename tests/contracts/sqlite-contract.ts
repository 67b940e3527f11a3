// What the store relies on of a SQLite engine: run for node:sqlite and for better-sqlite3.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSqlite } from '../../gateway/store/sqlite/load.js';
import { sqliteCode, type SqliteEngine, type SqliteEngineName } from '../../gateway/store/sqlite/engine.js';
import { copyFile } from '../../gateway/store/sqlite/copy.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Where the engine is not there the tests are skipped and say so; the other runtime of `.ci` has it. */
export async function sqliteContract(name: SqliteEngineName): Promise<void> {
  const engine = await loadOrReason(name);
  if (typeof engine === 'string') {
    test(`${name} keeps the contract of a SQLite engine`, { skip: engine }, () => undefined);
    return;
  }
  valuesAndStatements(engine);
  transactions(engine);
  filesAndErrors(engine);
  copies(engine);
}

async function loadOrReason(name: SqliteEngineName): Promise<SqliteEngine | string> {
  try {
    return await loadSqlite([name]);
  } catch (thrown) {
    return `${name} is not there on Node ${process.version}: ${String(thrown)}`;
  }
}

function valuesAndStatements(engine: SqliteEngine): void {
  test(`${engine.name} gives back numbers, texts and nulls as they were`, () => {
    const database = engine.open(':memory:');
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL, s TEXT)');
    const insert = database.prepare('INSERT INTO t (n, r, s) VALUES (?, ?, ?)');
    assert.equal(insert.run(1_767_000_000_123, 21.5, 'é\u0001"$.__proto__'), 1);
    assert.equal(insert.run(null, null, null), 1);
    const rows = database.prepare('SELECT n, r, s FROM t ORDER BY id LIMIT ?').all(2);
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { n: 1_767_000_000_123, r: 21.5, s: 'é\u0001"$.__proto__' },
        { n: null, r: null, s: null },
      ],
    );
    database.close();
  });

  test(`${engine.name} counts changed rows, ignored ones not`, () => {
    const database = engine.open(':memory:');
    database.exec('CREATE TABLE t (k TEXT UNIQUE)');
    const insert = database.prepare('INSERT OR IGNORE INTO t VALUES (?)');
    assert.deepEqual([insert.run('a'), insert.run('a'), insert.run('b')], [1, 0, 1]);
    const remove = database.prepare('DELETE FROM t WHERE k IN (SELECT value FROM json_each(?))');
    assert.equal(remove.run('["a","b","c"]'), 2);
    assert.equal(database.prepare('SELECT k FROM t').get(), undefined);
    database.close();
  });
}

function transactions(engine: SqliteEngine): void {
  test(`${engine.name} takes back to a savepoint and keeps the rest`, () => {
    const database = engine.open(':memory:');
    database.exec('CREATE TABLE t (k TEXT)');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    database.exec('BEGIN IMMEDIATE');
    insert.run('kept');
    database.exec('SAVEPOINT job');
    insert.run('taken back');
    database.exec('ROLLBACK TO job');
    database.exec('RELEASE job');
    database.exec('COMMIT');
    assert.deepEqual(
      database
        .prepare('SELECT k FROM t')
        .all()
        .map((row) => row['k']),
      ['kept'],
    );
    database.close();
  });
}

function filesAndErrors(engine: SqliteEngine): void {
  test(`${engine.name} keeps WAL in the file, and lets a reader look while a writer has it open`, async (t) => {
    const path = join(await temporaryFolder(t), 'a.sqlite');
    const writer = engine.open(path);
    writer.exec('PRAGMA journal_mode = WAL');
    writer.exec('CREATE TABLE t (k TEXT)');
    writer.prepare('INSERT INTO t VALUES (?)').run('seen');
    const reader = engine.open(path, { readOnly: true });
    assert.equal(reader.prepare('SELECT k FROM t').get()?.['k'], 'seen');
    assert.throws(
      () => reader.prepare('INSERT INTO t VALUES (?)').run('x'),
      (thrown) => sqliteCode(thrown) === 'readonly',
    );
    reader.close();
    writer.close();
    const again = engine.open(path);
    assert.equal(again.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    again.close();
  });

  test(`${engine.name} says busy at once, cannot_open and corrupt where it is so`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'a.sqlite');
    const holder = engine.open(path);
    holder.exec('BEGIN EXCLUSIVE');
    const second = engine.open(path);
    assert.throws(() => {
      second.exec('BEGIN EXCLUSIVE');
    }, codeIs('busy'));
    second.close();
    holder.close();
    assert.throws(() => engine.open(join(folder, 'missing', 'a.sqlite')), codeIs('cannot_open'));
    const damaged = join(folder, 'damaged.sqlite');
    await writeFile(damaged, 'not a database, '.repeat(100));
    assert.throws(() => {
      engine.open(damaged).exec('PRAGMA journal_mode = WAL');
    }, codeIs('corrupt'));
  });

  test(`${engine.name} says full when the file may not grow`, async (t) => {
    const database = engine.open(join(await temporaryFolder(t), 'a.sqlite'));
    database.exec('CREATE TABLE t (k TEXT); PRAGMA max_page_count = 4');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    assert.throws(() => insert.run('x'.repeat(100_000)), codeIs('full'));
    database.close();
  });
}

function codeIs(code: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.equal(sqliteCode(thrown), code, String(thrown));
    return true;
  };
}

function copies(engine: SqliteEngine): void {
  test(`${engine.name} copies a file in use: what is committed, in one file, and nothing of what is not`, async (t) => {
    const folder = await temporaryFolder(t);
    const [from, to] = [join(folder, "a'b.sqlite"), join(folder, "c'd.sqlite")];
    const writer = engine.open(from);
    writer.exec(
      'PRAGMA journal_mode = WAL; PRAGMA user_version = 7; CREATE TABLE t (n); INSERT INTO t VALUES (1)',
    );
    writer.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (2)');
    await writeFile(to, 'what an earlier try has left');
    assert.equal(copyFile(engine, from, to), 7);
    writer.exec('COMMIT');
    writer.close();
    const copy = engine.open(to, { readOnly: true });
    assert.deepEqual(
      copy
        .prepare('SELECT n FROM t')
        .all()
        .map((row) => row['n']),
      [1],
    );
    copy.close();
    assert.throws(() => copyFile(engine, join(folder, 'missing'), to));
  });
}
