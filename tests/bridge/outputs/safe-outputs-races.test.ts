// Safe writes and newer commands that meet on a slow wire: what somebody wants now goes before what was to end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { outputWorld } from '../../support/bus/output-world.js';

const slow = () => ({ takesMs: 40 });

test('a safe write that waits behind a newer command is not made: the newer one has its own end', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, forMs: 30_000 });
  await world.later(29_970);
  world.bus.behave(slow);
  // On the wire for 40 ms; the end of the first comes due in between.
  await world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 60_000 });
  await world.later(50_000);
  assert.deepEqual(world.written(), ['2050', '205a']);
  assert.deepEqual(world.replies('heat'), [['expired', 'for', 'a1']]);
  await world.later(20_000);
  assert.deepEqual(world.written(), ['2050', '205a', '2000']);
});

test('a command behind a safe write on the wire is held by a mark of its own, which the safe write leaves alone', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, forMs: 30_000 });
  await world.later(29_990);
  world.bus.behave(slow);
  await world.later(15);
  assert.deepEqual(world.written(), ['2050', '2000']);
  await world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 600_000 });
  assert.deepEqual(world.written(), ['2050', '2000', '205a']);
  await world.later(10_000);
  assert.deepEqual(
    world.outputs.health().held.map(({ id }) => id),
    ['a2'],
  );
  await world.crash();
  assert.deepEqual(
    world.outputs.health().leftOn.map(({ id }) => id),
    ['a2'],
  );
});

test('of two commands one behind the other the newer one is what a crash leaves on', async (t) => {
  const world = await outputWorld(t);
  world.bus.behave(slow);
  const first = world.command('heat', { args: { power: 80 }, id: 'a1', forMs: 600_000 });
  const second = world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 600_000 });
  await Promise.all([first, second]);
  assert.deepEqual(world.written(), ['2050', '205a']);
  await world.crash();
  assert.deepEqual(
    world.outputs.health().leftOn.map(({ id }) => id),
    ['a2'],
  );
});

test('at the stop an absent device is written to in vain, which is said; the next start makes it safe', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, id: 'h1' });
  world.bus.behave(() => ({ takesMs: 1, error: new GatewayError('no_ack', 'none') }));
  await world.done(world.outputs.stop());
  assert.deepEqual(world.written(), ['2050', '2000', '2000', '2000', '50', '50', '50']);
  assert.equal(world.log.saying('is not made safe before the stop').length, 1);
  world.bus.behave(() => ({ takesMs: 1 }));
  await world.crash();
  world.foundAgain();
  await world.later(100);
  assert.deepEqual(world.written().slice(7), ['2000']);
  assert.deepEqual(world.replies('heat').at(-1), ['done', 'crash', 'h1']);
});
