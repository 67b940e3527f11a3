// The bound of a question for points: what is no number is looked at as well. And its largest numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryTable } from '../../../../gateway/store/history/table.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { preparePoints, runPoints } from '../../../../gateway/store/history/points-query.js';
import { rowOfRecorded } from '../../../../gateway/store/rows/sample.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const QUERY = { device: 'tank-1', field: 'level', fromTs: 0, toTs: 1000, bucketMs: 10 };

test('a range with more readings than are looked at is refused, be they numbers or not, and never cut short', async (t) => {
  const { database } = openStoreFile(await loadSqlite(), storePath(await temporaryFolder(t)));
  t.after(() => {
    database.close();
  });
  const sample = (seq: number, level: number | null): ReturnType<typeof rowOfRecorded> =>
    rowOfRecorded({ ts: seq * 10, gateway: 'g', device: 'tank-1', boot: 'b', seq, values: { level } });
  new HistoryTable(database).deliver(
    Array.from({ length: 20 }, (_, seq) => sample(seq, seq < 15 ? null : seq)),
  );
  assert.throws(() => runPoints(preparePoints(database, 19), QUERY), { code: 'too_large' });
  const points = runPoints(preparePoints(database, 20), QUERY);
  assert.deepEqual(
    points.map(({ bucket, count, avg }) => [bucket, count, avg]),
    [15, 16, 17, 18, 19].map((seq) => [seq, 1, seq]),
  );
});

test('whole numbers that a double does not hold exactly come out as doubles, and a mean beside one that is scaled', async (t) => {
  const { database } = openStoreFile(await loadSqlite(), storePath(await temporaryFolder(t)));
  t.after(() => {
    database.close();
  });
  const levels = [2 ** 60, -(2 ** 60), 2 ** 62, 2 ** 62, 2 ** 62, 1e308, 1e308, 1e-310];
  const buckets = [0, 1, 2, 2, 2, 3, 3, 4];
  new HistoryTable(database).deliver(
    levels.map((level, seq) =>
      rowOfRecorded({
        ...{
          ts: (buckets[seq] ?? 0) * 10,
          gateway: 'g',
          device: 'tank-1',
          boot: 'b',
          seq,
          values: { level },
        },
      }),
    ),
  );
  assert.deepEqual(
    runPoints(preparePoints(database), QUERY).map(({ min, avg, max }) => [min, avg, max]),
    [2 ** 60, -(2 ** 60), 2 ** 62, 1e308, 1e-310].map((level) => [level, level, level]),
  );
});
