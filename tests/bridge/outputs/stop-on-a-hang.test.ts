// The gateway stops while its bus hangs: whoever sent a command is told what is known of it, before the doors close.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWorld } from '../../support/bus/command-world.js';
import { until } from '../../support/waiting.js';

test('a stop gives the command that hangs 1.5 s, calls it interrupted, and refuses those behind it', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ takesMs: 600_000 }));
  await world.send('stop', '{"id":"hangs"}');
  await until('it on the wire', () => world.bus.seen.length === 1);
  await world.send('stop', '{"id":"same device"}');
  await world.send('stop', '{"id":"other device"}', { device: 'tank-2' });
  await until('all three', () => world.received() === 3);
  const restarted = world.restart('second');
  await world.clock.advance(1499);
  assert.equal(world.client.received.length, 0);
  await world.clock.advance(1);
  const replies = await world.replies(3);
  await restarted;
  assert.deepEqual(
    replies.map(({ id, status, error }) => `${id}: ${status}, ${String(error?.code)}`).toSorted(),
    ['hangs: failed, interrupted', 'other device: rejected, closed', 'same device: rejected, closed'],
  );
  assert.equal(world.bus.seen.length, 1);
  // The stored answer is that one, also for who asks again.
  await world.send('stop', '{"id":"hangs"}');
  const again = (await world.replies(4)).at(-1);
  assert.deepEqual([again?.id, again?.status, again?.error?.code], ['hangs', 'failed', 'interrupted']);
});
