// What the history says of what it leaves out, and how much one answer holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../bridge/history.js';
import { MOST_WAITING } from '../../bridge/history-points.js';
import { parseHistoryQuery } from '../../bridge/history-request.js';
import type { HistoryQuery } from '../../shared/ports.js';
import type { RecordedSample } from '../../shared/sample.js';
import { recorded } from '../contracts/reading-store-contract.js';

const EMPTY = { query: () => Promise.resolve([]), points: () => Promise.resolve([]) };

function historyOver(waiting: readonly RecordedSample[]): History {
  const query = ({ limit, after }: HistoryQuery): Promise<readonly RecordedSample[]> => {
    if (after === undefined) return Promise.resolve(waiting.slice(-limit));
    return Promise.resolve(waiting.filter(({ ts }) => ts > after.ts).slice(0, limit));
  };
  return new History({ query }, EMPTY, { now: () => 1e9 });
}

test('points say how many samples wait that are counted in, and from when on, where more wait than are looked at', async () => {
  const ask = { device: 'tank-1', fields: ['temperature'], points: 1, from: 0 };
  const few = await historyOver([recorded(0), recorded(1)]).points(ask);
  assert.deepEqual([few.waiting, few.leftOutBefore], [2, undefined]);
  const waiting = Array.from({ length: MOST_WAITING + 5 }, (_, seq) => recorded(seq));
  const many = await historyOver(waiting).points(ask);
  // The query finds one more than is looked at, which tells that there are more.
  assert.deepEqual([many.waiting, many.leftOutBefore], [MOST_WAITING, 1005]);
  assert.equal(many.series['temperature']?.[0]?.[1], MOST_WAITING);
});

test('an answer of large samples ends early and says so; the next page goes on there', async () => {
  const text = 'x'.repeat(60_000);
  const history = historyOver(Array.from({ length: 100 }, (_, seq) => recorded(seq, { values: { text } })));
  const newest = await history.query(parseHistoryQuery({ device: 'tank-1', from: 0 }, 1e9));
  assert.equal(newest.truncated, true);
  assert.equal(newest.samples.at(-1)?.seq, 99);
  assert.ok(newest.samples.length < 40);
  const page = await history.query(parseHistoryQuery({ device: 'tank-1', from: 0, after: '' }, 1e9));
  const next = await history.query(parseHistoryQuery({ device: 'tank-1', from: 0, after: page.next }, 1e9));
  assert.equal(next.samples[0]?.seq, page.samples.length);
});

test('a cursor that is none is refused', () => {
  for (const after of ['x', '12', '/a/b/1', 'NaN/a/b/1'])
    assert.throws(() => parseHistoryQuery({ device: 'tank-1', after }, 0), { code: 'bad_payload' });
});
