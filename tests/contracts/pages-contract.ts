// Pages of samples are the same from every store, and exact: nothing twice, nothing left out, also among equal times.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { History } from '../../bridge/history/history.js';
import { parseHistoryQuery } from '../../bridge/history/request.js';
import { keyOf, type RecordedSample, type Value } from '../../shared/sample.js';
import type { ReadingStore } from '../../shared/stores.js';

const FIELDS = ['level', 'a.b', '$x', 'é "quoted"'] as const;
const value = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom<Value>(null, 'on', ''));
const sample = fc.record({
  // Few moments, so that most samples share theirs.
  ts: fc.integer({ min: 0, max: 6 }),
  boot: fc.constantFrom('b-1', 'b-10', 'B'),
  device: fc.constantFrom('tank-1', 'tank-2'),
  gateways: fc.constantFrom(['greenhouse'], ['barn'], ['greenhouse', 'barn', '7']),
  values: fc.dictionary(fc.constantFrom(...FIELDS), value, { noNullPrototype: true }),
  errors: fc.option(
    fc.dictionary(fc.constantFrom(...FIELDS), fc.constant('checksum'), { noNullPrototype: true }),
    {
      nil: undefined,
    },
  ),
});
const asked = fc.record({
  device: fc.constantFrom('tank-1', 'tank-2', 'tank-9'),
  from: fc.integer({ min: 0, max: 6 }),
  span: fc.integer({ min: 1, max: 8 }),
  limit: fc.integer({ min: 1, max: 5 }),
  fields: fc.option(fc.uniqueArray(fc.constantFrom<string>(...FIELDS, 'nowhere'), { minLength: 1 }), {
    nil: undefined,
  }),
});

export function pagesContract(name: string, make: (t: TestContext) => Promise<ReadingStore>): void {
  test(`${name}: pages have each sample of the range once, in one order, with the fields asked for`, async (t) => {
    const store = await make(t);
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(sample, { maxLength: 60 }),
      fc.array(asked, { minLength: 1, maxLength: 4 }),
      async (drawn, questions) => {
        // One store for all runs: each in a stretch of time of its own.
        const base = 1e12 + run * 1000;
        run += 1;
        const samples = drawn.flatMap(({ ts, boot, errors, gateways, ...rest }, seq) =>
          gateways.map((gateway): RecordedSample => ({
            ...{ ...rest, ts: base + ts, boot: `${boot}-run-${String(run)}`, seq, gateway },
            ...(errors === undefined ? {} : { errors }),
          })),
        );
        await store.deliver(samples);
        // Half of it waits still: what is in both is given once.
        const still = samples.filter(({ seq }) => seq % 2 === 0);
        const history = new History({ query: waitingOf(still) }, store, { now: () => 0 });
        for (const { from, span, ...rest } of questions) {
          const question = { ...rest, from: base + from, to: base + from + span };
          assert.deepEqual(await everyPage(history, question), plainly(samples, question));
        }
      },
    );
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
}

/** An outbox's answer, computed plainly. */
function waitingOf(samples: readonly RecordedSample[]): ReadingStore['query'] {
  return ({ device, fromTs, toTs, limit, after = { ts: fromTs, identity: '' }, fields }) => {
    const whole = plainly(samples, { device, from: fromTs, to: toTs, limit, fields });
    return Promise.resolve(
      whole
        .filter((one) => one.ts > after.ts || (one.ts === after.ts && keyOf(one) > after.identity))
        .slice(0, limit),
    );
  };
}

interface Question {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly fields?: readonly string[] | undefined;
}

async function everyPage(history: History, { fields, ...rest }: Question): Promise<RecordedSample[]> {
  const request = { ...rest, ...(fields === undefined ? {} : { fields }) };
  const found: RecordedSample[] = [];
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = await history.query(parseHistoryQuery({ ...request, after }, 0));
    assert.ok(page.samples.length <= rest.limit);
    assert.equal(page.truncated, page.next !== undefined);
    found.push(...page.samples);
    after = page.next;
  }
  return found;
}

function plainly(samples: readonly RecordedSample[], question: Question): RecordedSample[] {
  const { device, from, to, fields } = question;
  const chosen = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([key]) => fields?.includes(key) ?? true));
  return samples
    .filter((one) => one.device === device && one.ts >= from && one.ts < to)
    .map(({ values, errors, ...rest }) => {
      const wrong = errors === undefined ? {} : chosen(errors);
      const keepsErrors = errors !== undefined && (fields === undefined || Object.keys(wrong).length > 0);
      return { ...rest, values: chosen(values), ...(keepsErrors ? { errors: wrong } : {}) };
    })
    .filter(({ values }) => fields === undefined || Object.keys(values).length > 0)
    .sort((a, b) => a.ts - b.ts || (keyOf(a) < keyOf(b) ? -1 : 1));
}
