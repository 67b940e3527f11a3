// What the history says of what it leaves out, and how much one answer holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../bridge/history/history.js';
import { MOST_WAITING } from '../../../bridge/history/points.js';
import { beginningOf, parseHistoryQuery } from '../../../bridge/history/request.js';
import { READ_AHEAD } from '../../../bridge/history/waiting-ahead.js';
import { GatewayError } from '../../../shared/errors.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { recorded } from '../../contracts/reading-store-contract.js';

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

test('a sample that is too large for an answer is given all the same, alone', async () => {
  const text = 'x'.repeat(3_000_000);
  const history = historyOver([0, 1, 2].map((seq) => recorded(seq, { values: { text } })));
  const newest = await history.query(parseHistoryQuery({ device: 'tank-1', from: 0 }, 1e9));
  assert.deepEqual([newest.truncated, newest.samples.map(({ seq }) => seq)], [true, [2]]);
  const page = await history.query(parseHistoryQuery({ device: 'tank-1', from: 0, after: '' }, 1e9));
  assert.deepEqual([page.next, page.samples.map(({ seq }) => seq)], ['1000/boot-a/tank-1/0+greenhouse', [0]]);
});

for (const [delivered, how] of [
  [0, 'nothing is delivered'],
  // More than a page at a time goes to the store.
  [6000, 'it is delivered'],
] as const)
  test(`all pages of a large outbox take a few walks through it, and have each sample once, while ${how}`, async () => {
    const all = Array.from({ length: 2 * READ_AHEAD + 7 }, (_, seq) => recorded(seq));
    const waiting = [...all];
    const stored: RecordedSample[] = [];
    let walks = 0;
    const behind = (samples: readonly RecordedSample[], { after, limit }: HistoryQuery): RecordedSample[] => {
      const first = samples.findIndex(({ ts }) => ts > (after?.ts ?? 0));
      return first < 0 ? [] : samples.slice(first, first + limit);
    };
    const outbox = {
      query: (query: HistoryQuery) => {
        walks += 1;
        return Promise.resolve(behind(waiting, query));
      },
    };
    const store = { ...EMPTY, query: (query: HistoryQuery) => Promise.resolve(behind(stored, query)) };
    const range = parseHistoryQuery({ device: 'tank-1', from: 0, limit: 5000 }, 1e9);
    const pages = new History(outbox, store, { now: () => 1e9 }).pages({ ...range, after: beginningOf(0) });
    const seqs: number[] = [];
    for await (const page of pages) {
      seqs.push(...page.map(({ seq }) => seq));
      stored.push(...waiting.splice(0, delivered));
    }
    assert.deepEqual(
      seqs,
      all.map(({ seq }) => seq),
    );
    assert.ok(walks <= 4, `${String(walks)} walks`);
  });

test('while the store is away what waits for it is given, and said to be all; pages are refused', async () => {
  let asked = 0;
  const away = (): Promise<never> => {
    asked += 1;
    return Promise.reject(new GatewayError('store_unreachable', 'MongoDB cannot be reached.'));
  };
  const outbox = { query: () => Promise.resolve([recorded(0), recorded(1)]) };
  const history = new History(outbox, { query: away, points: away }, { now: () => 1e9 });
  const range = { device: 'tank-1', from: 0 };
  const missing = { code: 'store_unreachable', message: 'MongoDB cannot be reached.' };
  const newest = await history.query(parseHistoryQuery(range, 1e9));
  assert.deepEqual([newest.missing, newest.samples.map(({ seq }) => seq)], [missing, [0, 1]]);
  asked = 0;
  const points = await history.points({ ...range, points: 1, fields: ['temperature', 'level'] });
  assert.deepEqual([points.missing, points.series['temperature']?.[0]?.[1], asked], [missing, 2, 1]);
  await assert.rejects(history.query(parseHistoryQuery({ ...range, after: '' }, 1e9)), {
    code: 'store_unreachable',
  });
});

test('what a store refuses for the question, or fails at, stays an error', async () => {
  for (const code of ['too_large', 'store_failed', 'closed'] as const) {
    const fails = (): Promise<never> => Promise.reject(new GatewayError(code, 'no'));
    const outbox = { query: () => Promise.resolve([recorded(0)]) };
    const history = new History(outbox, { query: fails, points: fails }, { now: () => 1e9 });
    const range = { device: 'tank-1', from: 0 };
    await assert.rejects(history.answer(range), { code });
    await assert.rejects(history.answer({ ...range, points: 1, fields: ['level'] }), { code });
  }
});

test('a cursor that is none is refused', () => {
  for (const after of ['x', '12', '/a/b/1', 'NaN/a/b/1'])
    assert.throws(() => parseHistoryQuery({ device: 'tank-1', after }, 0), { code: 'bad_payload' });
});
