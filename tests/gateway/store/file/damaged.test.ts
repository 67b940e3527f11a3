// A damaged file: the gateway starts all the same, says so, and throws nothing away.
import assert from 'node:assert/strict';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { openOrReplace } from '../../../../gateway/store/file/open-or-replace.js';
import { setAside } from '../../../../gateway/store/file/set-aside.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf, samplesOf } from '../open-store.js';

const PAGE = 4096;

test('a file that is no database is set aside whole under a dated name, said, and a new one begun', async (t) => {
  const dataDir = await temporaryFolder(t);
  const text = 'this is no database. '.repeat(500);
  await writeFile(storePath(dataDir), text);
  const { store, log } = await openStore(t, { dataDir });
  assert.match(store.setAside ?? '', /store\.sqlite\.damaged-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
  assert.equal(await readFile(store.setAside ?? '', 'utf8'), text);
  const [said] = log.lines.filter(({ level }) => level === 'error');
  assert.match(said?.message ?? '', /set aside as store\.sqlite\.damaged-.* and a new one begun/);
  await store.outbox.append([sampleOf(0)]);
  await store.stop();
  const again = await openStore(t, { dataDir });
  assert.equal(again.store.setAside, undefined);
  assert.equal((await again.store.outbox.stats()).depth, 1);
});

test('a page of the outbox that is overwritten is found at the start, before a sample is lost to it', async (t) => {
  const first = await openStore(t);
  await first.store.outbox.append(samplesOf(2000));
  await first.store.stop();
  // In the middle: behind the roots of all tables, before the end.
  const { size } = await stat(storePath(first.dataDir));
  await overwrite(storePath(first.dataDir), Math.floor(size / PAGE / 2));
  const { store } = await openStore(t, { dataDir: first.dataDir });
  assert.ok(store.setAside !== undefined);
  await store.outbox.append([sampleOf(5000)]);
});

test('rows in a wrong order, which SQLite reads without a complaint, are found at the start', async (t) => {
  const first = await openStore(t);
  await first.store.outbox.append(samplesOf(20));
  await first.store.stop();
  const path = storePath(first.dataDir);
  const database = (await loadSqlite()).open(path);
  const root = Number(
    database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'`).get()?.['rootpage'],
  );
  database.close();
  await swapFirstRows(path, root);
  const { store } = await openStore(t, { dataDir: first.dataDir });
  assert.ok(store.setAside !== undefined);
});

/** The pointers of a leaf's rows begin behind its header of 8 bytes: https://sqlite.org/fileformat2.html#b_tree_pages */
async function swapFirstRows(path: string, page: number): Promise<void> {
  const file = await open(path, 'r+');
  const at = (page - 1) * PAGE + 8;
  const pointers = Buffer.alloc(4);
  await file.read(pointers, 0, 4, at);
  await file.write(pointers.swap32().swap16(), 0, 4, at);
  await file.close();
}

test('damage that shows only in use ends the store with its error; the next start sets the file aside', async (t) => {
  const first = await openStore(t);
  for (let from = 0; from < 5000; from += 500)
    await first.store.history.deliver(
      samplesOf(500, from).map((sample, index) => ({ ...sample, boot: 'b', seq: from + index })),
    );
  await first.store.stop();
  const { size } = await stat(storePath(first.dataDir));
  for (let page = 30; page < size / PAGE; page += 1) await overwrite(storePath(first.dataDir), page);
  const { store, failures } = await openStore(t, { dataDir: first.dataDir });
  assert.equal(store.setAside, undefined);
  const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10_000 };
  await assert.rejects(store.history.query(all), rejectedAs('store_failed'));
  while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await store.stop();
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['store_failed'],
  );
  const third = await openStore(t, { dataDir: first.dataDir });
  assert.ok(third.store.setAside !== undefined);
  assert.deepEqual(await third.store.history.query(all), []);
  const names = await readdir(first.dataDir);
  assert.equal(names.filter((name) => /damaged-[^-]+-[^-]+-[^-]+-[^-]+-[^-]+Z$/.test(name)).length, 1);
  assert.ok(!names.includes('store.sqlite.damaged'));
});

async function overwrite(path: string, page: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(PAGE, 0xa5), 0, PAGE, (page - 1) * PAGE);
  await file.close();
}

test('a folder that holds the name of a damaged file already gets another beside it', async (t) => {
  const dataDir = await temporaryFolder(t);
  for (let round = 0; round < 3; round += 1) {
    await writeFile(join(dataDir, 'store.sqlite'), 'no database '.repeat(500));
    const { store } = await openStore(t, { dataDir });
    await store.stop();
  }
  const names = await readdir(dataDir);
  assert.equal(names.filter((name) => name.includes('damaged-')).length, 3);
});

test('a power cut while the parts of a damaged file are moved aside: the next start moves the rest', async (t) => {
  const path = storePath(await temporaryFolder(t));
  const engine = await loadSqlite();
  openStoreFile(engine, path).database.close();
  const damaged = (): never => {
    throw Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT', errcode: 11 });
  };
  const cutOff = (): never => {
    throw new Error('the power goes');
  };
  assert.throws(() => openOrReplace(engine, path, damaged, cutOff), /the power goes/);
  // What is left looks sound.
  const { file, setAside: aside } = openOrReplace(engine, path, () => undefined);
  file.database.close();
  assert.match(aside ?? '', /store\.sqlite\.damaged-/);
  const next = openOrReplace(engine, path, () => undefined);
  next.file.database.close();
  assert.equal(next.setAside, undefined);
});

test('what SQLite could not put into the damaged file goes aside with it', async (t) => {
  const path = join(await temporaryFolder(t), 'store.sqlite');
  for (const suffix of ['', '-wal', '-shm']) await writeFile(path + suffix, `of ${suffix}`);
  const aside = setAside(path, new Date(0));
  assert.equal(aside, `${path}.damaged-1970-01-01T00-00-00Z`);
  for (const suffix of ['', '-wal', '-shm'])
    assert.equal(await readFile(aside + suffix, 'utf8'), `of ${suffix}`);
});
