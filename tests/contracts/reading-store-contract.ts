// What delivery and history rely on of a store: run for the local history and for MongoDB.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { HistoryQuery, ReadingStore } from '../../shared/stores.js';
import type { RecordedSample, Value } from '../../shared/sample.js';
import { gatewaysContract } from './gateways-contract.js';
import { momentContract } from './moment-contract.js';
import { pagesContract } from './pages-contract.js';
import { pointsContract } from './points-contract.js';

/** `make` gives an empty store that lives until the end of the test. */
export function readingStoreContract(name: string, make: (t: TestContext) => Promise<ReadingStore>): void {
  const all: HistoryQuery = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 10_000 };
  delivering(name, make, all);
  querying(name, make, all);
  pointsContract(name, make);
  pagesContract(name, make);
  momentContract(name, make);
  gatewaysContract(name, make);
}

type Make = (t: TestContext) => Promise<ReadingStore>;

function delivering(name: string, make: Make, all: HistoryQuery): void {
  test(`${name}: what is delivered is found again as it was`, async (t) => {
    const store = await make(t);
    const sample = recorded(3, {
      values: { temperature: -0.25, on: true, mode: 'é☃ "', level: null, big: 2 ** 40, tiny: 1e-300 },
      errors: { level: 'out_of_range' },
    });
    const marked = recorded(4, { clock: 'unsynchronised' });
    const both = recorded(5, { clock: 'corrected', errors: { level: 'out_of_range' } });
    assert.deepEqual(await store.deliver([sample, marked, both]), { poisoned: [] });
    assert.deepEqual(await store.query(all), [sample, marked, both]);
  });

  test(`${name}: keys that mean something to a store or to JavaScript come back as plain keys`, async (t) => {
    const store = await make(t);
    // A key `_id` is put first by some servers.
    const text =
      '{"_id":10,"__proto__":1,"constructor":2,"$set":3,"a.b":4,"":5,"%24":6,"$":7,".":8,"n\\u0000":9}';
    const values = JSON.parse(text) as Record<string, Value>;
    const errors = JSON.parse('{"__proto__":"checksum","$x.y":"checksum"}') as Record<string, string>;
    assert.deepEqual(await store.deliver([recorded(0, { values, errors })]), { poisoned: [] });
    const [back] = await store.query(all);
    assert.equal(JSON.stringify(back?.values), text);
    assert.equal(JSON.stringify(back?.errors), JSON.stringify(errors));
    assert.equal(Object.getPrototypeOf(back?.values), Object.prototype);
  });

  test(`${name}: delivering twice, whole or in part, stores once, and the first stays`, async (t) => {
    const store = await make(t);
    const batch = [0, 1, 2, 3].map((seq) => recorded(seq));
    await store.deliver(batch.slice(0, 2));
    await store.deliver(batch);
    await store.deliver([recorded(1, { values: { temperature: 99 } }), recorded(4)]);
    await store.deliver(batch);
    assert.deepEqual(await store.query(all), [...batch, recorded(4)]);
  });

  test(`${name}: the same sample twice in one batch is stored once`, async (t) => {
    const store = await make(t);
    await store.deliver([recorded(0), recorded(0), recorded(1)]);
    assert.deepEqual(await store.query(all), [recorded(0), recorded(1)]);
  });

  test(`${name}: samples are told apart by boot, device and seq`, async (t) => {
    const store = await make(t);
    const others = [recorded(1, { boot: 'boot-b', ts: 1500 }), recorded(1, { boot: 'boot/b', ts: 1600 })];
    await store.deliver([recorded(1), ...others, recorded(1, { device: 'tank-2' })]);
    assert.deepEqual(await store.query(all), [recorded(1), ...others]);
    assert.equal((await store.query({ ...all, device: 'tank-2' })).length, 1);
  });

  test(`${name}: a batch of 500 and an empty one are taken`, async (t) => {
    const store = await make(t);
    const batch = Array.from({ length: 500 }, (_, seq) => recorded(seq));
    assert.deepEqual(await store.deliver(batch), { poisoned: [] });
    assert.deepEqual(await store.deliver([]), { poisoned: [] });
    assert.deepEqual(await store.query(all), batch);
  });
}

function querying(name: string, make: Make, all: HistoryQuery): void {
  test(`${name}: a query includes its first moment and not its last, oldest first`, async (t) => {
    const store = await make(t);
    await store.deliver([5, 1, 4, 2, 3].map((seq) => recorded(seq)));
    const seqs = (await store.query({ ...all, fromTs: 1002, toTs: 1005 })).map(({ seq }) => seq);
    assert.deepEqual(seqs, [2, 3, 4]);
  });

  test(`${name}: of more samples than asked for the newest are given`, async (t) => {
    const store = await make(t);
    await store.deliver([0, 1, 2, 3, 4].map((seq) => recorded(seq)));
    const seqs = (await store.query({ ...all, limit: 2 })).map(({ seq }) => seq);
    assert.deepEqual(seqs, [3, 4]);
  });

  test(`${name}: a device that nobody knows has no samples`, async (t) => {
    const store = await make(t);
    await store.deliver([recorded(0)]);
    assert.deepEqual(await store.query({ ...all, device: 'tank-9' }), []);
  });
}

/** A sample of tank-1 taken at 1000 + seq. */
export function recorded(seq: number, overrides: Partial<RecordedSample> = {}): RecordedSample {
  return {
    ts: 1000 + seq,
    boot: 'boot-a',
    seq,
    gateway: 'greenhouse',
    device: 'tank-1',
    values: { temperature: seq / 10 },
    ...overrides,
  };
}
