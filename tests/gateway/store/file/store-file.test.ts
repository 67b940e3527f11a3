import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { HistoryQueries } from '../../../../gateway/store/history/queries.js';
import { HistoryTable } from '../../../../gateway/store/history/table.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import type { SampleRow } from '../../../../gateway/store/rows/sample.js';
import { openStoreFile, openStoreFileToRead, storePath } from '../../../../gateway/store/file/store.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { rejectedAs } from '../open-store.js';

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

test('a file of version 2 keeps what two gateways had under one boot, knows all of it again, and tells them apart from then on', async (t) => {
  const engine = await loadSqlite();
  const path = storePath(await temporaryFolder(t));
  // As version 2 made it.
  const old = engine.open(path);
  old.exec(VERSION_2);
  old.close();
  const reader = openStoreFileToRead(engine, path);
  const oldOnes = [
    { boot: '7', seq: 0, gateway: 'greenhouse' },
    { boot: '7', seq: 0, gateway: 'barn' },
  ];
  assert.deepEqual([...new HistoryQueries(reader.database).known('esp-1', oldOnes)], [0, 1]);
  reader.database.close();
  for (let opening = 0; opening < 2; opening += 1) {
    const { database } = openStoreFile(engine, path);
    const history = new HistoryTable(database);
    // At another time: so the key of a row does not know it again.
    const of = (gateway: string, seq: number): SampleRow => {
      const body = `{"values":{"n":${String(seq)}}}`;
      return { boot: '7', device: 'esp-1', seq, ts: 5000 + seq, gateway, body };
    };
    history.deliver([
      of('greenhouse', 0),
      of('barn', 1),
      of('barn', 2),
      of('greenhouse', 2),
      of('cellar', 0),
    ]);
    const all = history.query({ device: 'esp-1', fromTs: 0, toTs: 1e12, limit: 100 });
    assert.deepEqual(all.map(({ gateway, boot, seq }) => `${gateway}/${boot}/${String(seq)}`).sort(), [
      ...['barn/7/1', 'barn/7/2', 'cellar/7/0', 'greenhouse/7/0', 'greenhouse/7/2'],
    ]);
    database.close();
  }
});

const VERSION_2 = `
  CREATE TABLE devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE origins (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, boot TEXT NOT NULL, UNIQUE (device, boot));
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL, gateway TEXT NOT NULL, fields TEXT NOT NULL, last_ts INTEGER NOT NULL,
    UNIQUE (origin, gateway, fields)
  );
  CREATE TABLE history (
    device INTEGER NOT NULL, ts INTEGER NOT NULL, series INTEGER NOT NULL, seq INTEGER NOT NULL,
    readings TEXT NOT NULL, errors TEXT,
    PRIMARY KEY (device, ts, series, seq)
  ) WITHOUT ROWID;
  CREATE TABLE stored (
    origin INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (origin, first)
  ) WITHOUT ROWID;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('store_id', 'store-1');
  INSERT INTO devices VALUES (1, 'esp-1');
  INSERT INTO origins VALUES (1, 1, '7');
  INSERT INTO series VALUES (1, 1, 'greenhouse', '["n"]', 1000), (2, 1, 'barn', '["n"]', 1001);
  INSERT INTO history VALUES (1, 1000, 1, 0, '[0]', NULL), (1, 1001, 2, 1, '[1]', NULL);
  INSERT INTO stored VALUES (1, 0, 1);
  PRAGMA user_version = 2;
`;

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
