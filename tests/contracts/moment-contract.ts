// Pages that end within one moment: what a store orders by time alone must be put in order before it is cut.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { beginningOf } from '../../bridge/history/request.js';
import { compareCursors, cursorOf, type HistoryCursor } from '../../shared/history-cursor.js';
import type { RecordedSample } from '../../shared/sample.js';
import type { HistoryQuery, ReadingStore } from '../../shared/stores.js';

const MOMENT = 2000;
/** So many have one `ts` that several pages begin and end among them; as texts 10 comes before 9. */
const OF_ONE_MOMENT = 25;

const OF_MOMENT = Array.from({ length: OF_ONE_MOMENT }, (_, seq) => sampleAt(MOMENT, seq));
const AROUND = [100, 101, 102].flatMap((seq) => [sampleAt(seq, seq), sampleAt(MOMENT + seq, 100 + seq)]);
/** As they are taken: what an index on time alone gives back within the moment is this order. */
export const SAMPLES_OF_MOMENT: readonly RecordedSample[] = [...OF_MOMENT, ...AROUND];

type Ask = (query: HistoryQuery) => Promise<readonly RecordedSample[]>;

export function momentContract(name: string, make: (t: TestContext) => Promise<ReadingStore>): void {
  test(`${name}: a page that ends among many samples of one moment goes on there, in the order of their identities`, async (t) => {
    const store = await make(t);
    await store.deliver(SAMPLES_OF_MOMENT);
    await pagesThroughMoment((query) => store.query(query));
  });
}

/** What each implementation of a query owes, with `SAMPLES_OF_MOMENT` in it. */
export async function pagesThroughMoment(ask: Ask): Promise<void> {
  const expected = SAMPLES_OF_MOMENT.toSorted((a, b) => compareCursors(cursorOf(a), cursorOf(b)));
  for (const limit of [1, 4, 7, 10, 13, OF_ONE_MOMENT, OF_ONE_MOMENT + 3, OF_ONE_MOMENT + 5, 100])
    assert.deepEqual(seqsOf(await everyPage(ask, limit)), seqsOf(expected), `pages of ${String(limit)}`);
}

async function everyPage(ask: Ask, limit: number): Promise<RecordedSample[]> {
  const found: RecordedSample[] = [];
  let after: HistoryCursor = beginningOf(0);
  for (;;) {
    const page = await ask({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit, after });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined) return found;
    after = cursorOf(last);
  }
}

function seqsOf(samples: readonly RecordedSample[]): number[] {
  return samples.map(({ seq }) => seq);
}

function sampleAt(ts: number, seq: number): RecordedSample {
  return { ts, boot: 'boot-a', seq, gateway: 'greenhouse', device: 'tank-1', values: { level: seq } };
}
