// What a device's charts are made of: every field that it has, and gaps by how often each of them is recorded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryAnswer, PointsAnswer } from '../../../../../bridge/history/history.js';
import type { Value } from '../../../../../shared/sample.js';
import type { Device, ShownField } from '../../../../../gateway/web/page/live/model.js';
import { askCourse, type CourseApi } from '../../../../../gateway/web/page/device/ask-course.js';
import { courseCsv } from '../../../../../gateway/web/page/device/course-csv.js';

const RANGE = { device: 'd', from: 0, to: 1 };

function deviceWith(fields: readonly ShownField[], intervalMs: number): Device {
  const shown = new Map(fields.map((field) => [field.id, field]));
  return {
    ...{
      key: 'g/d',
      gateway: 'g',
      id: 'd',
      availability: { state: 'online' },
      faults: [],
      trends: new Map(),
      alarms: new Map(),
    },
    ...{ isOld: false, state: { values: new Map(), errors: new Map() } },
    meta: { label: 'd', fields: shown, commands: new Map(), intervalMs },
  };
}

function sample(ts: number, values: Record<string, Value>): HistoryAnswer['samples'][number] {
  return { gateway: 'g', device: 'd', boot: 'b', seq: ts, ts, values };
}

/** Answers as the recorder does: what is asked for by name, or all. */
function recorder(samples: HistoryAnswer['samples'], asked: unknown[] = []): CourseApi {
  return {
    samples: (query) => {
      asked.push(query['fields']);
      return Promise.resolve({ ...RANGE, samples, truncated: false });
    },
    points: (query) => {
      asked.push(query['fields']);
      const fields = String(query['fields']).split(',');
      assert.ok(fields.length <= 16, 'the recorder refuses more');
      const series: PointsAnswer['series'] = Object.fromEntries(fields.map((id) => [id, [[5, 1, 2, 2, 2]]]));
      return Promise.resolve({ ...RANGE, series, bucketMs: 10, waiting: 0 });
    },
  };
}

const SIGNAL = new AbortController().signal;

test('a field that is read seldom beside others that are read often is a line, not points between gaps', async () => {
  const device = deviceWith([{ id: 'slow', label: 'slow', recordedEveryMs: 60_000 }], 1000);
  const api = recorder([0, 60_000, 120_000, 900_000].map((ts) => sample(ts, { slow: 1 })));
  const { series } = await askCourse(api, { device, fields: ['slow'], from: 0, to: 900_001 }, SIGNAL);
  assert.deepEqual(series.get('slow')?.mean, [1, 1, 1, null, 1]);
});

const MANY = Array.from({ length: 20 }, (_, index) => `f${String(index)}`);
const MANY_SHOWN = MANY.map((id) => ({ id, label: id }));

test('every field of a device with many is asked for, as samples and as points', async () => {
  const device = deviceWith(MANY_SHOWN, 1000);
  const asked: unknown[] = [];
  const api = recorder([sample(1, Object.fromEntries(MANY.map((id) => [id, 7])))], asked);
  for (const to of [3_600_000, 1e9]) {
    const { series } = await askCourse(api, { device, fields: MANY, from: 0, to }, SIGNAL);
    assert.deepEqual([...series.keys()], MANY);
    assert.deepEqual(
      [...series.values()].filter(({ ts }) => ts.length === 0),
      [],
    );
  }
  assert.deepEqual(asked, [undefined, MANY.slice(0, 16).join(), MANY.slice(16).join()]);
});

test('what is saved has every row and every field of what is shown', async () => {
  const device = deviceWith(MANY_SHOWN, 1000);
  const row = Object.fromEntries(MANY.map((id) => [id, 7]));
  const rows = [sample(1, row), sample(2, { other: 1 }), sample(3, row)];
  const api: CourseApi = {
    ...recorder([]),
    // Two pages, as the recorder gives them.
    samples: ({ after }) => {
      const page = after === '' ? { samples: rows.slice(0, 2), next: 'a' } : { samples: rows.slice(2) };
      return Promise.resolve({ ...RANGE, truncated: after === '', ...page });
    },
  };
  const { text, isWhole } = await courseCsv(api, { device, fields: MANY, from: 0, to: 10 }, SIGNAL);
  const lines = text.split('\r\n');
  assert.deepEqual([isWhole, lines.length], [true, 4]);
  assert.equal(lines[0], `ts,boot,seq,${MANY.join()},errors,clock`);
  assert.match(lines[2] ?? '', /^1970-01-01T00:00:00.003Z,b,3,7,/);
});
