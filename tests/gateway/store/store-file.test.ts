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
