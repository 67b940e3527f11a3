// Many appends on their way to the thread as one text, and what comes back for each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf, type IncomingSample } from '../../../../shared/sample.js';
import { openStore, rejectedAs, sampleOf } from '../open-store.js';

test('appends of one turn, by many, come out in their order with everything they had', async (t) => {
  const { store } = await openStore(t);
  const { identity, ...anonymous } = sampleOf(400);
  assert.ok(identity);
  const odd = [
    sampleOf(0, { ts: 1000.25, identity: { boot: 'ü ☃\n\t', seq: Number.MAX_SAFE_INTEGER } }),
    anonymous,
    sampleOf(2, { clock: 'corrected' }),
    sampleOf(1, { values: { 'a\0b': 'c\0d', text: 'é☃\ud800' }, errors: { 'x\0': 'y' } }),
  ];
  const many = Array.from({ length: 217 }, (_, index) => sampleOf(10 + index));
  await Promise.all([
    ...odd.map((sample) => store.outbox.append([sample])),
    store.outbox.append(many.slice(0, 130)),
    ...many.slice(130).map((sample) => store.outbox.append([sample])),
  ]);
  const { storeId } = await store.outbox.stats();
  const entries = await store.outbox.peek(1000);
  assert.deepEqual(
    entries.map(({ position }) => position),
    Array.from({ length: 221 }, (_, index) => index + 1),
  );
  const expected = [...odd, ...many].map(({ identity: own, ...rest }: IncomingSample, index) => ({
    ...rest,
    ...(own ?? { boot: storeId, seq: index + 1 }),
  }));
  assert.deepEqual(
    entries.map(({ sample }) => sample),
    expected,
  );
  assert.equal(new Set(entries.map(({ sample }) => identityOf(sample))).size, 221);
});

test('of appends of one turn each is refused or taken for itself, and a sample no store could keep is refused alone', async (t) => {
  const { store } = await openStore(t, { limits: { outboxRows: 60 } });
  const nul = sampleOf(0, { device: 'tank\0-1' });
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 59 }, (_, seq) => store.outbox.append([sampleOf(seq)])),
    store.outbox.append([nul]),
    store.outbox.append([sampleOf(100), sampleOf(101)]),
    store.outbox.append([sampleOf(102)]),
    store.outbox.append([sampleOf(103)]),
  ]);
  assert.deepEqual(
    outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : [])),
    [59, 60, 62],
  );
  const reason = (index: number): unknown => {
    const outcome = outcomes[index];
    return outcome?.status === 'rejected' ? outcome.reason : undefined;
  };
  rejectedAs('bad_payload')(reason(59));
  rejectedAs('store_full')(reason(60));
  rejectedAs('store_full')(reason(62));
  assert.equal(store.outbox.drops.refusedSamples, 3);
  assert.deepEqual((await store.outbox.peek(100)).map(({ sample }) => sample.seq).slice(-2), [58, 102]);
});
