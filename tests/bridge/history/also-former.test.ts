// The history of a device that was renamed has what was recorded under its first id, of its own gateway alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formerOf, ofBothIds } from '../../../bridge/history/also-former.js';
import { History } from '../../../bridge/history/history.js';
import { openStore, sampleOf } from '../../gateway/store/open-store.js';

const COUNT = 30;

test('samples, pages and points of a renamed device, stored and waiting, once each', async (t) => {
  const { store, clock } = await openStore(t);
  const before = Array.from({ length: COUNT }, (_, seq) =>
    sampleOf(seq, { identity: { boot: 'then', seq }, values: { t: 1 } }),
  );
  const after = Array.from({ length: COUNT }, (_, seq) =>
    sampleOf(COUNT + seq, { identity: { boot: 'now', seq }, device: 'rain-1', values: { t: 3 } }),
  );
  await store.outbox.append([...before, sampleOf(5, { gateway: 'barn', values: { t: 100 } })]);
  await store.outbox.append(after.slice(0, 10));
  await store.history.takeOver(1000);
  // One of them waits once more although it is stored.
  await store.outbox.append([...before.slice(-1), ...after.slice(10)]);

  const former = formerOf('greenhouse', new Map([['rain-1', { was: 'tank-1' }]]));
  const history = new History(...ofBothIds(store.outbox, store.history, former), clock);
  const range = { device: 'rain-1', fromTs: 0, toTs: 1e12 };
  const all = await history.query({ ...range, limit: 1000 });
  assert.deepEqual(
    all.samples.map(({ ts, device }) => [ts, device]),
    [...before, ...after].map(({ ts, device }) => [ts, device]),
  );
  const newest = await history.query({ ...range, limit: COUNT + 5 });
  assert.deepEqual([newest.samples.length, newest.samples[0]?.seq, newest.truncated], [35, 25, true]);
  let paged = 0;
  for await (const page of history.pages({ ...range, limit: 7, after: { ts: 0, identity: '' } }))
    paged += page.length;
  assert.equal(paged, 2 * COUNT);
  const asked = { device: 'rain-1', from: 0, to: 1e12, fields: ['t'], points: 1 };
  assert.deepEqual((await history.points(asked)).series['t']?.[0]?.slice(1), [2 * COUNT, 1, 2, 3]);
  // Of another gateway that id is another device.
  assert.equal((await history.query({ ...range, gateway: 'barn', limit: 10 })).samples.length, 0);
  assert.equal((await history.query({ ...range, device: 'tank-1', limit: 1000 })).samples.length, COUNT + 1);
});
