// A file of version 3, where the mark of a sample was the end of a JSON text: every sample and its mark stay, wherever it
// lies, for who only reads the file and for the gateway that goes on with it.
import assert from 'node:assert/strict';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { keepCopy } from '../../../../gateway/store/file/kept-copy.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import { readDeadLetters, replayDeadLetters } from '../../../../gateway/store/shell/dead-letters.js';
import { readLocalSamples } from '../../../../gateway/store/shell/reader.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import type { RecordedSample } from '../../../../shared/sample.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs } from '../open-store.js';

const MARKED = `{"values":{"n":1},"errors":{"n":"checksum"},"clock":"unsynchronised"}`;

const VERSION_3 = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('store_id', 'store-1');
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  INSERT INTO outbox VALUES
    (7, 1, 'b', 'tank-1', 10, 2010, 'g', '${MARKED}'),
    (8, 1, NULL, 'tank-1', NULL, 2011, 'g', '{"values":{"n":2},"clock":"corrected"}'),
    (9, 1, 'b', 'tank-1', 12, 2012, 'g', '{"values":{"n":3,"clock":"corrected"}}');
  CREATE TABLE dead_letters (
    position INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    accepted_ts INTEGER NOT NULL,
    boot TEXT, device TEXT NOT NULL, seq INTEGER, ts INTEGER NOT NULL, gateway TEXT NOT NULL, body TEXT NOT NULL
  );
  INSERT INTO dead_letters VALUES
    (4, 'no', 1, 'b', 'tank-1', 4, 2004, 'g', '{"values":{"n":9},"clock":"unsynchronised"}'),
    (5, 'no', 1, 'b', 'tank-1', 5, 2005, 'g', '{"values":{"n":');
  CREATE TABLE devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE origins (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL, boot TEXT NOT NULL, gateway TEXT NOT NULL,
    UNIQUE (device, boot, gateway)
  );
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
  INSERT INTO devices VALUES (1, 'tank-1');
  INSERT INTO origins VALUES (1, 1, 'b', 'g');
  INSERT INTO series VALUES (1, 1, 'g', '["n"]', 2003);
  INSERT INTO history VALUES
    (1, 2000, 1, 0, '[0]', NULL),
    (1, 2001, 1, 1, '[null]', '{"n":"checksum"}'),
    (1, 2002, 1, 2, '[2]', '[null,"unsynchronised"]'),
    (1, 2003, 1, 3, '[3]', '[{"n":"checksum"},"corrected"]');
  INSERT INTO stored VALUES (1, 0, 3);
  PRAGMA user_version = 3;
`;

async function versionThree(t: TestContext): Promise<string> {
  const dataDir = await temporaryFolder(t);
  const database = (await loadSqlite()).open(storePath(dataDir));
  database.exec(VERSION_3);
  database.close();
  return dataDir;
}

const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100 };
const place = { gateway: 'g', device: 'tank-1' };
const errors = { n: 'checksum' };
const KEPT: readonly RecordedSample[] = [
  { ...place, boot: 'b', seq: 0, ts: 2000, values: { n: 0 } },
  { ...place, boot: 'b', seq: 1, ts: 2001, values: { n: null }, errors },
  { ...place, boot: 'b', seq: 2, ts: 2002, values: { n: 2 }, clock: 'unsynchronised' },
  { ...place, boot: 'b', seq: 3, ts: 2003, values: { n: 3 }, errors, clock: 'corrected' },
  { ...place, boot: 'b', seq: 10, ts: 2010, values: { n: 1 }, errors, clock: 'unsynchronised' },
  { ...place, boot: 'store-1', seq: 8, ts: 2011, values: { n: 2 }, clock: 'corrected' },
  { ...place, boot: 'b', seq: 12, ts: 2012, values: { n: 3, clock: 'corrected' } },
];

test('it is read as it is, and left as it is, by who only reads', async (t) => {
  const dataDir = await versionThree(t);
  assert.deepEqual(await readLocalSamples(dataDir, all), KEPT);
  const letters = await readDeadLetters(dataDir, 10);
  assert.deepEqual(
    letters.map(({ position, sample }) => [position, sample.clock, 'damaged' in sample]),
    [
      [4, 'unsynchronised', false],
      [5, undefined, true],
    ],
  );
  const database = (await loadSqlite()).open(storePath(dataDir), { readOnly: true });
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 3);
  database.close();
});

test('the gateway keeps every sample and its mark, takes them over, and corrects none of them', async (t) => {
  const dataDir = await versionThree(t);
  for (let opening = 0; opening < 2; opening += 1) {
    const { store } = await openStore(t, { dataDir });
    // The names of runs are new: of those that are over nothing is moved.
    for (const run of ['b', 'b/0', 'store-1'])
      assert.equal(await store.correctClock({ run, firstTs: 0, lastTs: 1e12, offsetMs: 5000 }), 0);
    const waiting = await store.outbox.query(all);
    assert.deepEqual([...(await store.history.query(all)), ...waiting], KEPT);
    await store.history.takeOver(2);
    await store.stop();
  }
  assert.deepEqual(await replayDeadLetters(dataDir), { moved: 2, left: 0 });
  const { store } = await openStore(t, { dataDir });
  const [replayed] = await store.outbox.query(all);
  assert.deepEqual([replayed?.seq, replayed?.clock], [4, 'unsynchronised']);
  const stored = await store.history.query(all);
  assert.deepEqual(stored, KEPT);
});

test('it is of version 4 then, which a program of version 3 refuses as it does every newer one', async (t) => {
  const dataDir = await versionThree(t);
  const engine = await loadSqlite();
  const { database } = openStoreFile(engine, storePath(dataDir));
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 4);
  database.exec('PRAGMA user_version = 5');
  database.close();
  assert.throws(() => openStoreFile(engine, storePath(dataDir)), rejectedAs('store_failed'));
});

test('before it is changed a copy is kept, one of all versions, and the log says where', async (t) => {
  const dataDir = await versionThree(t);
  const copy = `${storePath(dataDir)}.v3`;
  for (const other of ['v2', 'v3.part', 'v2.part']) await writeFile(`${storePath(dataDir)}.${other}`, 'old');
  const { store, log } = await openStore(t, { dataDir });
  const [line] = log.saying('it is kept as store.sqlite.v3');
  assert.deepEqual(line?.fields, { from: 3, copy });
  assert.deepEqual(
    (await readdir(dataDir)).filter((name) => name.includes('.v')),
    ['store.sqlite.v3'],
  );
  await store.stop();
  const again = await openStore(t, { dataDir });
  assert.deepEqual(again.log.saying('it is kept as'), []);
  await again.store.stop();

  const older = await temporaryFolder(t);
  await rename(copy, storePath(older));
  assert.deepEqual(await readLocalSamples(older, all), KEPT);
  const database = (await loadSqlite()).open(storePath(older), { readOnly: true });
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 3);
  database.close();
});

test('without room for the copy nothing is changed, and the sentence says how to do without', async (t) => {
  const path = storePath(await versionThree(t));
  const database = (await loadSqlite()).open(path);
  const freeBytes = (): number => 50 * 1024 * 1024;
  assert.throws(() => keepCopy(database, { path, version: 3 }, freeBytes), {
    code: 'store_full',
    message: /53 MB are needed, 53 MB are free\. Free space .*: touch \S+\/store\.sqlite\.v3$/,
  });
  await writeFile(`${path}.v3`, '');
  assert.equal(keepCopy(database, { path, version: 3 }, freeBytes), undefined);
  database.close();
});
