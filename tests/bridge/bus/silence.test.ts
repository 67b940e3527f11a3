// A bus on which everybody falls silent at once: it is opened anew, then reset, ever more seldom, and never called down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, FINE, opened } from '../../support/bus/recovering-world.js';

const HOUR_MS = 3_600_000;

test('two that answered fall silent together: the bus is opened anew, and is not said to work before one answers', async () => {
  let well = true;
  const world = await opened({ behaviour: () => (well ? FINE : failing('no_ack')) });
  await world.reads(8, 2);
  await world.reads(9, 2);
  well = false;
  assert.deepEqual(await world.reads(8, 3), ['no_ack', 'no_ack', 'no_ack']);
  assert.deepEqual(world.said(), [], 'one of two may have been unplugged');
  await world.read(9);
  assert.deepEqual([world.said(), world.opened.length], [['bus.reopen'], 2]);
  assert.deepEqual([world.steps[0]?.code, world.counts()['reopened']], ['no_ack', 1]);
  assert.match(world.steps[0]?.message ?? '', /^All 2 devices that answered on this bus/);
  await world.read(8);
  assert.equal(world.said().length, 1, 'a missing acknowledgement is no sign of life now');
  well = true;
  await world.read(9);
  assert.deepEqual(world.said(), ['bus.reopen', 'bus.up']);
});

test('while they stay silent the program runs, after 1, 2, 4 … 60 minutes, and the bus is never down', async () => {
  let well = true;
  let hooks = 0;
  const world = await opened({
    behaviour: () => (well ? FINE : failing('no_ack')),
    hook: () => {
      hooks += 1;
      return Promise.resolve('It ended.');
    },
  });
  await world.read(8);
  await world.read(9);
  well = false;
  const startMs = world.clock.monotonicMs();
  const afterMinutes: number[] = [];
  while (world.clock.monotonicMs() - startMs < 5 * HOUR_MS) {
    const before = world.said().length;
    await world.reads(8, 1);
    await world.reads(9, 1);
    if (world.said().length > before)
      afterMinutes.push(Math.floor((world.clock.monotonicMs() - startMs) / 60_000));
  }
  assert.deepEqual(world.said(), ['bus.reopen', ...Array.from({ length: hooks }, () => 'bus.hook')]);
  assert.deepEqual(afterMinutes, [0, 1, 3, 7, 15, 31, 63, 123, 183, 244]);
  assert.deepEqual(world.downs, []);
});

test('one that goes while others answer, a bus with one device, and an empty one say nothing against the bus', async () => {
  let gone = new Set<number>();
  const world = await opened({
    behaviour: ({ address }) => (gone.has(address) ? failing('no_ack') : FINE),
  });
  gone = new Set([20, 21]);
  await world.reads(20, 3);
  await world.reads(21, 3);
  await world.read(8);
  await world.read(9);
  gone.add(8);
  for (let n = 0; n < 5; n += 1) {
    await world.read(8);
    await world.read(9);
  }
  // The last one: its like have gone before it, one by one.
  gone.add(9);
  for (let n = 0; n < 10; n += 1) {
    await world.read(9);
    await world.read(8);
  }
  assert.deepEqual([world.said(), world.opened.length], [[], 1]);
});

test('while one that answered was not asked again, the others prove nothing', async () => {
  let well = true;
  const world = await opened({ behaviour: () => (well ? FINE : failing('no_ack')) });
  for (const address of [8, 9, 10]) await world.read(address);
  well = false;
  for (let n = 0; n < 5; n += 1) {
    await world.read(8);
    await world.read(9);
  }
  assert.deepEqual(world.said(), []);
  await world.read(10);
  assert.deepEqual(world.said(), ['bus.reopen']);
});

test('one that was heard once, long ago, by a scan, is not waited for', async () => {
  let well = true;
  const world = await opened({ behaviour: () => (well ? FINE : failing('no_ack')) });
  await world.read(40);
  await world.clock.advance(HOUR_MS);
  await world.reads(8, 1);
  await world.reads(9, 1);
  well = false;
  await world.reads(8, 1);
  await world.reads(9, 1);
  assert.deepEqual(world.said(), ['bus.reopen']);
});
