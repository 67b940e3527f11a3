import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadSqlite } from '../../../gateway/store/load-sqlite.js';
import { openStoreFile, storePath } from '../../../gateway/store/store-file.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { rejectedAs } from './open-store.js';

test('WAL and synchronous=FULL are in force at the first open and at every later one', async (t) => {
  const engine = await loadSqlite();
  const path = storePath(await temporaryFolder(t));
  for (let round = 0; round < 2; round += 1) {
    const { database } = openStoreFile(engine, path);
    assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    const FULL = 2;
    assert.equal(database.prepare('PRAGMA synchronous').get()?.['synchronous'], FULL);
    database.close();
  }
});

test('every store file has an id of its own and keeps it', async (t) => {
  const engine = await loadSqlite();
  const [one, other] = [storePath(await temporaryFolder(t)), storePath(await temporaryFolder(t))];
  const ids = [one, one, other].map((path) => {
    const { database, storeId } = openStoreFile(engine, path);
    database.close();
    return storeId;
  });
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
});

test('a damaged file and one of a newer version are refused and left as they are', async (t) => {
  const engine = await loadSqlite();
  const damaged = storePath(await temporaryFolder(t));
  await writeFile(damaged, 'this is no database. '.repeat(500));
  assert.throws(() => openStoreFile(engine, damaged), rejectedAs('store_failed'));
  const newer = storePath(await temporaryFolder(t));
  const database = engine.open(newer);
  database.exec('PRAGMA user_version = 99');
  database.close();
  assert.throws(() => openStoreFile(engine, newer), /newer version/);
});

test('the history of a file of version 1 is taken over, each sample once, and the outbox stays', async (t) => {
  const engine = await loadSqlite();
  const path = storePath(await temporaryFolder(t));
  const old = engine.open(path);
  old.exec(VERSION_1);
  const insert = old.prepare(
    'INSERT INTO history (boot, device, seq, ts, gateway, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (let seq = 0; seq < 2500; seq += 1)
    insert.run('b', 'tank-1', seq, 1000 + seq, 'g', '{"values":{"n":1}}');
  old.close();
  for (let opening = 0; opening < 2; opening += 1) {
    const { database, storeId } = openStoreFile(engine, path);
    assert.equal(storeId, 'store-1');
    const count = (table: string): number =>
      Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    assert.deepEqual([count('history'), count('outbox'), count('stored')], [2500, 1, 1]);
    database.close();
  }
});

const VERSION_1 = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('store_id', 'store-1');
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  INSERT INTO outbox VALUES (7, 1, 'b', 'tank-1', 9999, 1, 'g', '{"values":{"n":1}}');
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL, device TEXT NOT NULL, seq INTEGER NOT NULL,
    ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (boot, device, seq)
  );
  CREATE INDEX history_device_ts ON history (device, ts);
  PRAGMA user_version = 1;
`;
