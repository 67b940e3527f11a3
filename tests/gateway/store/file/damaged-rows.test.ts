// One damaged byte in a row: it costs that row, which becomes a dead letter or is left out and counted, and nothing else.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { History } from '../../../../bridge/history/history.js';
import { readDeadLetters } from '../../../../gateway/store/shell/dead-letters.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { openOrReplace } from '../../../../gateway/store/file/open-or-replace.js';
import { storePath } from '../../../../gateway/store/file/store.js';
import type { RecordedSample } from '../../../../shared/sample.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, sampleOf, type OpenedStore } from '../open-store.js';

const all = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100 };
const seqs = (samples: readonly Pick<RecordedSample, 'seq'>[]): number[] => samples.map(({ seq }) => seq);
const withoutSeven = Array.from({ length: 20 }, (_, seq) => seq).filter((seq) => seq !== 7);

/** Fills a store, stops it, flips a bit of the first character of `text` in its file, and opens it again. */
async function damage(
  t: TestContext,
  text: string,
  fill: (opened: OpenedStore) => Promise<unknown>,
): Promise<OpenedStore> {
  const first = await openStore(t);
  await fill(first);
  await first.store.stop();
  const path = storePath(first.dataDir);
  const bytes = await readFile(path);
  const at = bytes.indexOf(text);
  assert.ok(at > 0);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(path, bytes);
  const again = await openStore(t, { dataDir: first.dataDir });
  assert.equal(again.store.setAside, undefined);
  return again;
}

const twenty = ({ store }: OpenedStore): Promise<void> =>
  store.outbox.append(Array.from({ length: 20 }, (_, seq) => sampleOf(seq, { values: { t: seq } })));
const WAITING = '"values":{"t":7}';

test('of a waiting sample, on the way to the local history: a dead letter with its text, and the others are stored', async (t) => {
  const { store, dataDir } = await damage(t, WAITING, twenty);
  const { taken, poisoned } = await store.history.takeOver(100);
  assert.deepEqual([taken, poisoned.length], [20, 1]);
  assert.deepEqual(seqs(await store.history.query(all)), withoutSeven);
  const { depth, deadLetters } = await store.outbox.stats();
  assert.deepEqual([depth, deadLetters], [0, 1]);
  const [letter] = await readDeadLetters(dataDir, 10);
  assert.match(letter?.reason ?? '', /damaged in the store's file/);
  assert.ok(letter !== undefined && 'damaged' in letter.sample && letter.sample.damaged.includes('&values"'));
});

test('of a waiting sample, on the way to MongoDB, and while it waits', async (t) => {
  const { store, log, clock } = await damage(t, WAITING, twenty);
  const history = new History(store.outbox, store.history, clock);
  assert.deepEqual(seqs((await history.query(all)).samples), withoutSeven);
  const points = await history.points({ device: 'tank-1', from: 0, to: 1e12, fields: ['t'], points: 1 });
  assert.equal(points.series['t']?.[0]?.[1], 19);
  assert.ok(store.damagedRows > 0);
  assert.deepEqual(seqs((await store.outbox.peek(100)).map(({ sample }) => sample)), withoutSeven);
  assert.equal((await store.outbox.stats()).deadLetters, 1);
  assert.equal(log.lines.filter(({ message }) => message.includes('damaged')).length, 1);
});

test('of a stored sample: left out of samples and points, and counted', async (t) => {
  const { store, clock } = await damage(t, '[777]', async ({ store: first }) => {
    await first.outbox.append([1, 2, 777].map((n, seq) => sampleOf(seq, { values: { t: n } })));
    await first.history.takeOver(100);
  });
  const history = new History(store.outbox, store.history, clock);
  assert.deepEqual(seqs((await history.query(all)).samples), [0, 1]);
  const points = await history.points({ device: 'tank-1', from: 0, to: 1e12, fields: ['t'], points: 1 });
  assert.deepEqual(points.series['t']?.[0]?.slice(1), [2, 1, 1.5, 2]);
  assert.ok(store.damagedRows > 0);
});

test('of an entry of the logbook: left out and counted, and the others go on to MongoDB', async (t) => {
  const { store } = await damage(t, '{"kind":"event","ts":2,', async ({ store: first }) => {
    for (const ts of [1, 2, 3])
      await first.logbook.note({ kind: 'event', ts, gateway: 'greenhouse', name: 'x' });
  });
  const asked = await store.logbook.query({ fromTs: 0, toTs: 10, limit: 10 });
  assert.deepEqual(
    asked.map(({ ts }) => ts),
    [1, 3],
  );
  assert.equal(store.damagedRows, 1);
  const waiting = await store.logbook.peek(10);
  assert.deepEqual(
    waiting.map(({ sample }) => sample.ts),
    [1, 3],
  );
});

test('a whole number of 2^53 and more is a reading like others', async (t) => {
  const { store, clock } = await openStore(t);
  const history = new History(store.outbox, store.history, clock);
  await store.outbox.append([sampleOf(0, { values: { t: 1.2e18 } }), sampleOf(1, { values: { t: 1.4e18 } })]);
  await store.history.takeOver(10);
  const points = await history.points({ device: 'tank-1', from: 0, to: 1e12, fields: ['t'], points: 1 });
  assert.deepEqual(points.series['t']?.[0]?.slice(1), [2, 1.2e18, 1.3e18, 1.4e18]);
});

test('a sample that waits once more although it is stored counts once', async (t) => {
  const { store, clock } = await openStore(t);
  const ten = Array.from({ length: 10 }, (_, seq) => sampleOf(seq, { values: { t: seq < 5 ? 0 : 10 } }));
  await store.outbox.append(ten);
  await store.history.takeOver(100);
  await store.outbox.append(ten.slice(5));
  await store.outbox.append([sampleOf(10, { values: { t: 20 } })]);
  const history = new History(store.outbox, store.history, clock);
  const points = await history.points({ device: 'tank-1', from: 0, to: 1e12, fields: ['t'], points: 1 });
  assert.deepEqual(points.series['t']?.[0]?.slice(1), [11, 0, 6.36363636363636, 20]);
  assert.equal(points.waiting, 1);
});

test('damage that shows only the tables are counted sets the file aside', async (t) => {
  const first = await openStore(t);
  for (let from = 0; from < 300; from += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        first.store.logbook.note({ kind: 'event', ts: from + n, gateway: 'greenhouse', name: 'x' }),
      ),
    );
  await first.store.stop();
  const path = storePath(first.dataDir);
  const database = (await loadSqlite()).open(path);
  const roots = database
    .prepare(`SELECT rootpage FROM sqlite_schema WHERE name IN ('logbook', 'sqlite_autoindex_commands_1')`)
    .all();
  database.close();
  const bytes = await readFile(path);
  for (const { rootpage } of roots) {
    const at = (Number(rootpage) - 1) * 4096;
    bytes[at] = (bytes[at] ?? 0) ^ 7;
  }
  await writeFile(path, bytes);
  const { store } = await openStore(t, { dataDir: first.dataDir });
  assert.ok(store.setAside !== undefined);
  await store.outbox.append([sampleOf(0)]);
});

test('no single damaged bit of the header refuses a start, but for the number of a newer version', async (t) => {
  const dataDir = await temporaryFolder(t);
  const engine = await loadSqlite();
  const path = storePath(dataDir);
  const use = (file: { database: { prepare(sql: string): { get(): unknown } } }): unknown =>
    file.database.prepare('SELECT count(*) FROM logbook').get();
  openOrReplace(engine, path, use).file.database.close();
  const sound = await readFile(path);
  for (let offset = 0; offset < 100; offset += 1) {
    for (const bit of [0, 4]) {
      const bytes = Buffer.from(sound);
      bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
      await writeFile(path, bytes);
      try {
        openOrReplace(engine, path, use).file.database.close();
      } catch (thrown) {
        assert.match(
          String(thrown),
          /made by a newer version/,
          `bit ${String(bit)} of byte ${String(offset)}`,
        );
        assert.ok(offset === 62 || offset === 63);
      }
    }
  }
});
