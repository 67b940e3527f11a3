// Limits are rows and characters: everything that reads samples, with the largest that are let in, by the hundred.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../../bridge/history/history.js';
import { answerLogbook } from '../../../../bridge/logbook/request.js';
import { openStore, sampleOf } from '../open-store.js';

/** A message has 64 KB at most; one letter beyond Latin-1 makes each character two bytes in memory. */
const FIELDS = Object.fromEntries(
  Array.from({ length: 60 }, (_, n) => [`f${String(n)}`, `ж${'x'.repeat(1000)}`]),
);
const COUNT = 1000;
const range = { device: 'tank-1', from: 0, to: 1e12 };

test('a thousand of the largest samples: questions, pages, points, batches and the take-over', async (t) => {
  const { store, clock, failures } = await openStore(t, { limits: { threadHeapMb: 128 } });
  for (let from = 0; from < COUNT; from += 100)
    await store.outbox.append(
      Array.from({ length: 100 }, (_, index) =>
        sampleOf(from + index, { values: { t: from + index, ...FIELDS } }),
      ),
    );
  const history = new History(store.outbox, store.history, clock);
  const ask = async (): Promise<void> => {
    const whole = await history.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 3000 });
    assert.ok(whole.truncated && whole.samples.at(-1)?.seq === COUNT - 1);
    const one = await history.query({ device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 3000, fields: ['t'] });
    assert.deepEqual([one.samples.length, one.truncated], [COUNT, false]);
    const points = await history.points({ ...range, fields: ['t'], points: 1 });
    assert.equal(points.series['t']?.[0]?.[1], COUNT);
    let seen = 0;
    const query = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 3000, after: { ts: 0, identity: '' } };
    for await (const page of history.pages(query)) seen += page.length;
    assert.equal(seen, COUNT);
  };
  await ask();
  const batch = await store.outbox.peek(500);
  assert.ok(batch.length > 0 && batch.length < 500 && batch.at(-1)?.cutBehind === true);
  let taken = 0;
  for (;;) {
    const step = await store.history.takeOver(5000);
    taken += step.taken;
    if (!step.more) break;
  }
  assert.equal(taken, COUNT);
  await ask();
  assert.deepEqual(failures, []);
});

test('a logbook of large entries is answered with the newest that fit, and never outgrows its share of the file', async (t) => {
  const { store, clock } = await openStore(t, { limits: { maxBytes: 40_000_000 } });
  const detail = { text: 'x'.repeat(4000) };
  for (let n = 0; n < 1500; n += 1) {
    const noting = [];
    for (const from = n; n < from + 100; n += 1)
      noting.push(store.logbook.note({ kind: 'event', ts: n, gateway: 'greenhouse', name: 'big', detail }));
    await Promise.all(noting);
    n -= 1;
  }
  const answer = await answerLogbook(store.logbook, { from: 0, to: 1e6, limit: 10_000 }, clock);
  assert.ok(answer.truncated && answer.entries.length < 520 && answer.entries.at(-1)?.ts === 1499);
  const kept = await store.logbook.query({ fromTs: 0, toTs: 1e6, limit: 10_000 });
  assert.ok(kept.length > 800 && kept.length * 4000 < 40_000_000 / 8, String(kept.length));
});
