// The tables of the local history themselves: identity for ever, small on disk, and readable field by field in SQL.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { READINGS_OF_FIELD } from '../../../../gateway/store/history/schema.js';
import { HistoryPruner } from '../../../../gateway/store/history/pruner.js';
import { HistoryTable } from '../../../../gateway/store/history/table.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { rowOfRecorded, sampleOfStored } from '../../../../gateway/store/rows/sample.js';
import { SeqRanges } from '../../../../gateway/store/rows/seq-ranges.js';
import type { SqliteDatabase } from '../../../../gateway/store/sqlite/engine.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import type { RecordedSample } from '../../../../shared/sample.js';
import { recorded } from '../../../contracts/reading-store-contract.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const all = { device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 1_000_000 };

async function openFile(t: TestContext): Promise<SqliteDatabase> {
  const { database } = openStoreFile(await loadSqlite(), storePath(await temporaryFolder(t)));
  t.after(() => {
    database.close();
  });
  return database;
}

function deliver(table: HistoryTable, samples: readonly RecordedSample[]): void {
  table.deliver(samples.map(rowOfRecorded));
}

test('numbers in any order and any parts are known exactly from the first time on, as whole runs', async (t) => {
  const database = await openFile(t);
  const ranges = new SeqRanges(database);
  const known = new Set<number>();
  for (let round = 0; round < 400; round += 1) {
    const start = Math.floor(Math.random() * 300);
    const picked = Array.from({ length: 12 }, () => start + Math.floor(Math.random() * 16));
    const seqs = [...new Set(picked)].sort((a, b) => a - b);
    const expected = seqs.filter((seq) => !known.has(seq));
    assert.deepEqual(ranges.add(7, seqs), expected, `round ${String(round)}: ${seqs.join(',')}`);
    for (const seq of seqs) known.add(seq);
  }
  const rows = database.prepare('SELECT first, last FROM stored WHERE origin = 7 ORDER BY first').all();
  const runs = rows.map((row) => [Number(row['first']), Number(row['last'])] as const);
  const listed = runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  assert.deepEqual(
    listed,
    [...known].sort((a, b) => a - b),
  );
  const apart = runs.slice(1).every(([first], index) => first > (runs[index]?.[1] ?? 0) + 1);
  assert.ok(apart, 'neighbours are one run');
});

test('a sample that comes again is not stored again, also with another time and after the first copy was pruned', async (t) => {
  const database = await openFile(t);
  const [table, pruner] = [new HistoryTable(database), new HistoryPruner(database, () => false)];
  deliver(table, [recorded(0), recorded(1), recorded(2)]);
  deliver(table, [recorded(1, { ts: 5000 })]);
  assert.deepEqual(table.query(all).map(sampleOfStored), [recorded(0), recorded(1), recorded(2)]);
  assert.equal(pruner.prune({ ranges: [{ fromTs: 0, toTs: 1001 }], chunkRows: 10 }), 1);
  pruner.sweep(0);
  table.forget();
  deliver(table, [recorded(0)]);
  assert.deepEqual(table.query(all).map(sampleOfStored), [recorded(1), recorded(2)]);
});

test('what belongs only to samples that are gone is swept away, and the numbers are given anew', async (t) => {
  const database = await openFile(t);
  const [table, pruner] = [new HistoryTable(database), new HistoryPruner(database, () => false)];
  deliver(table, [recorded(0, { boot: 'boot-0', values: { old: 1 } })]);
  deliver(table, [recorded(9)]);
  assert.equal(pruner.prune({ ranges: [{ fromTs: 0, toTs: 1009 }], chunkRows: 10 }), 1);
  pruner.sweep(0);
  table.forget();
  for (const [name, rows] of Object.entries({ series: 1, origins: 1, stored: 1, devices: 1 }))
    assert.equal(Number(database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.['n']), rows, name);
  deliver(table, [recorded(10, { values: { new: 2 } })]);
  assert.deepEqual(
    table.query(all).map((row) => sampleOfStored(row).values),
    [{ temperature: 0.9 }, { new: 2 }],
  );
});

test('the readings of one field come out of SQL in order, whatever else the samples had and whichever boot', async (t) => {
  const database = await openFile(t);
  const table = new HistoryTable(database);
  deliver(table, [
    recorded(0, { values: { level: 7, temperature: 1.5 } }),
    recorded(1, { values: { temperature: null }, errors: { temperature: 'checksum' } }),
    recorded(0, { boot: 'boot-b', ts: 1002, values: { temperature: true, 'a"b.c': 3 } }),
    recorded(3, { values: { level: 8 } }),
    recorded(4, { values: { temperature: 'off' } }),
    recorded(5, { device: 'tank-2' }),
  ]);
  const select = database.prepare(READINGS_OF_FIELD);
  const read = (field: string): unknown[] =>
    select.all('tank-1', field, null, 'tank-1', 0, 1e12).map((row) => [row['ts'], row['value']]);
  assert.deepEqual(read('temperature'), [
    [1000, 1.5],
    [1001, null],
    [1002, 1],
    [1004, 'off'],
  ]);
  assert.deepEqual(read('a"b.c'), [[1002, 3]]);
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${READINGS_OF_FIELD}`)
    .all('tank-1', 'x', null, 'tank-1', 0, 1);
  const steps = plan.map((row) => String(row['detail'])).join('\n');
  assert.match(steps, /SEARCH history USING PRIMARY KEY \(device=\? AND ts>\? AND ts<\?\)/);
});

test('a realistic day takes at most 30 bytes a reading on disk', async (t) => {
  const database = await openFile(t);
  const table = new HistoryTable(database);
  const before = usedBytes(database);
  let readings = 0;
  // Four devices, one to four fields, a sample a second, moved every five minutes; a quarter of the day is enough.
  for (let from = 0; from < 21_600; from += 300) {
    const batch = Array.from({ length: 300 }, (_, index) => secondOf(from + index)).flat();
    readings += batch.reduce((sum, { values }) => sum + Object.keys(values).length, 0);
    database.exec('BEGIN');
    deliver(table, batch);
    database.exec('COMMIT');
  }
  const bytes = (usedBytes(database) - before) / readings;
  t.diagnostic(`${bytes.toFixed(1)} bytes a reading, ${String(readings)} readings`);
  assert.ok(bytes <= 30, `${bytes.toFixed(1)} bytes a reading`);
});

function usedBytes(database: SqliteDatabase): number {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

function secondOf(second: number): RecordedSample[] {
  const ts = 1_790_000_000_000 + second * 1000 + Math.floor(Math.random() * 20);
  const wave = Math.sin(second / 900);
  const round = (value: number): number => Math.round(value * 100) / 100;
  const common = { ts, boot: 'mwsein4t-zjetj3', gateway: 'greenhouse', seq: second };
  return [
    {
      ...common,
      device: 'tank-1',
      values: {
        temperature: round(20 + 3 * wave),
        level: 400 + Math.round(90 * wave),
        valve: wave > 0,
        pump: 0,
      },
    },
    {
      ...common,
      device: 'tank-2',
      values: { temperature: round(18 + 2 * wave), level: 300, valve: false, pump: 80 },
    },
    {
      ...common,
      device: 'climate-1',
      values: { temperature: round(22 + wave), humidity: round(55 + 9 * wave) },
    },
    { ...common, device: 'lamp-1', values: { level: 128, light: 700 + Math.round(50 * wave) } },
  ];
}
