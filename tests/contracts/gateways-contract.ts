// Gateways of one store may have devices of the same id: asked for one of them, its samples and no others come.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { History } from '../../bridge/history/history.js';
import type { RecordedSample } from '../../shared/sample.js';
import type { HistoryQuery, ReadingStore } from '../../shared/stores.js';

type Asked = Partial<HistoryQuery>;
type Ask = (query: HistoryQuery) => Promise<readonly RecordedSample[]>;

/** In turn from two gateways; every third without `light`. */
export const SAMPLES_OF_TWO: readonly RecordedSample[] = Array.from({ length: 12 }, (_, seq) => ({
  ...{ ts: 1000 + seq, boot: seq % 2 === 0 ? 'boot-a' : 'boot-b', seq, device: 'tank-1' },
  gateway: seq % 2 === 0 ? 'greenhouse' : 'barn',
  values: seq % 3 === 0 ? { level: seq } : { level: seq, light: seq },
}));

/** What each implementation of a query owes, with `SAMPLES_OF_TWO` in it. */
export async function asksOneGateway(ask: Ask): Promise<void> {
  const seqs = async (asked: Asked): Promise<number[]> => {
    const found = await ask({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100, ...asked });
    return found.map(({ seq }) => seq);
  };
  assert.deepEqual(
    await seqs({}),
    SAMPLES_OF_TWO.map(({ seq }) => seq),
  );
  assert.deepEqual(await seqs({ gateway: 'greenhouse' }), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(await seqs({ gateway: 'barn', limit: 2 }), [9, 11]);
  const after = { ts: 1003, identity: 'boot-b/tank-1/3+barn' };
  assert.deepEqual(await seqs({ gateway: 'barn', after, limit: 2 }), [5, 7]);
  assert.deepEqual(await seqs({ gateway: 'barn', fields: ['light'] }), [1, 5, 7, 11]);
  assert.deepEqual(await seqs({ gateway: 'greenhouse', fields: ['light'], after }), [4, 8, 10]);
  assert.deepEqual(await seqs({ gateway: 'greenhouse', fromTs: 1003, toTs: 1008 }), [4, 6]);
  assert.deepEqual(await seqs({ gateway: 'cellar' }), []);
  assert.deepEqual(await seqs({ gateway: 'greenhouse', device: 'tank-2' }), []);
}

/** Clients that count their boots: the same names and numbers, another value. */
function ofClient(gateway: string, seq: number, level: number): RecordedSample {
  return { ts: 1000 + seq, boot: '7', seq, gateway, device: 'esp-1', values: { level } };
}

export function gatewaysContract(name: string, make: (t: TestContext) => Promise<ReadingStore>): void {
  test(`${name}: of two gateways device, boot and seq may be the same, and each of their samples is stored once`, async (t) => {
    const store = await make(t);
    const here = [0, 1, 2].map((seq) => ofClient('greenhouse', seq, 20));
    const there = [0, 1, 2].map((seq) => ofClient('barn', seq, 5));
    const both = [0, 1, 2].flatMap((seq) => [there[seq] ?? assert.fail(), here[seq] ?? assert.fail()]);
    // In one batch and in two, and all again.
    for (const batch of [both.slice(0, 2), here, there, both])
      assert.deepEqual(await store.deliver(batch), { poisoned: [] });
    const query = { device: 'esp-1', fromTs: 0, toTs: 1e12, limit: 100 };
    assert.deepEqual(await store.query({ ...query, after: { ts: 0, identity: '' } }), both);
    assert.deepEqual(await store.query({ ...query, gateway: 'barn' }), there);
    const points = await store.points({ ...query, field: 'level', fromTs: 1000, bucketMs: 10_000 });
    assert.deepEqual(
      points.map(({ count, avg }) => [count, Number(avg.toPrecision(12))]),
      [[6, 12.5]],
    );
    const asked = [...both, ofClient('cellar', 0, 1), ofClient('barn', 3, 1)];
    assert.deepEqual([...((await store.known?.('esp-1', asked)) ?? [])].sort(), [0, 1, 2, 3, 4, 5]);
    const history = new History({ query: () => Promise.resolve(both.slice(3)) }, store, { now: () => 0 });
    assert.deepEqual((await history.query(query)).samples.length, 6);
  });

  test(`${name}: of gateways that have devices of the same id the one that is asked for is given, else all`, async (t) => {
    const store = await make(t);
    await store.deliver(SAMPLES_OF_TWO);
    await asksOneGateway((query) => store.query(query));
    const range = { device: 'tank-1', fromTs: 1000, toTs: 2000, bucketMs: 1000 };
    const counts = async (field: string, gateway?: string): Promise<number[][]> => {
      const points = await store.points({ ...range, field, ...(gateway === undefined ? {} : { gateway }) });
      return points.map(({ bucket, count, min, avg, max }) => [bucket, count, min, avg, max]);
    };
    assert.deepEqual(await counts('level'), [[0, 12, 0, 5.5, 11]]);
    assert.deepEqual(await counts('level', 'barn'), [[0, 6, 1, 6, 11]]);
    assert.deepEqual(await counts('light', 'greenhouse'), [[0, 4, 2, 6, 10]]);
    assert.deepEqual(await counts('level', 'cellar'), []);
  });
}
