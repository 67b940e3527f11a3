// The bus works while the disk does: what waits for which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectClient } from '../../support/mqtt/client.js';
import { commandWorld } from '../../support/bus/command-world.js';
import { until } from '../../support/waiting.js';

test('a command is on the wire while the disk flushes it; acknowledged and answered it is after that', async (t) => {
  const { bus, clock, client, disk, ...world } = await commandWorld(t);
  disk.hold();
  let acknowledged = false;
  const sending = world.send('stop', '{"id":"a"}').then(() => {
    acknowledged = true;
  });
  await until('it has run', () => {
    void clock.advance(1);
    return bus.seen.length === 1 && bus.running === 0;
  });
  const other = await connectClient(t, world.url);
  for (let trip = 0; trip < 20; trip += 1) await other.publish('there/and/back', '', { qos: 1 });
  assert.deepEqual([acknowledged, client.received.length, disk.waiting], [false, 0, 1]);
  disk.release();
  await sending;
  assert.equal((await world.replies(1))[0]?.status, 'done');
});

test('one that does harm twice is on the disk before it is on the wire', async (t) => {
  const { bus, clock, disk, ...world } = await commandWorld(t);
  disk.hold();
  const sending = world.send('feed', '{"id":"a"}');
  // For its acknowledgement, and for the wire.
  await until('both wait', () => {
    void clock.advance(1);
    return disk.waiting === 2;
  });
  assert.deepEqual(bus.seen, []);
  disk.release();
  await sending;
  assert.equal((await world.replies(1))[0]?.status, 'done');
  assert.equal(bus.seen.length, 1);
});
