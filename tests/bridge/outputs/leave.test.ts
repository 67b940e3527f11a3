// A device leaves the configuration or is described anew while something of it is on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputWorld, type OutputWorld } from '../../support/bus/output-world.js';
import { until } from '../../support/waiting.js';

test('of a device that goes all ends that the stop would end, and nothing is commanded any more', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  await world.command('glow', { args: { level: 9 } });
  await world.goes();
  assert.deepEqual(world.written(), ['2050', '4009', '2000', '50']);
  assert.deepEqual(world.outputs.health().held, []);
  await assert.rejects(world.command('heat', { args: { power: 80 } }), { code: 'closed' });
  await world.later(3_600_000);
  assert.equal(world.written().length, 4);
});

test('of one that is described anew what ends as before runs on, also by who asks it from then on', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  await world.command('open', { id: 'o1' });
  // The safe write of `open` is another now.
  await world.describedAnew((yaml) =>
    yaml.replace('close: { write: [0x30, 0x00]', 'close: { write: [0x30, 0x02]'),
  );
  assert.deepEqual(world.written(), ['2050', '3001', '3000']);
  await world.command('open', { id: 'o2' });
  await world.later(31_000);
  assert.deepEqual(world.written().slice(3).toSorted(), ['2000', '3001', '3002']);
  assert.deepEqual(world.replies('heat'), [['done', 'for', 'a1']]);
  assert.deepEqual(world.outputs.health().held, []);
});

test('one that is at another address from now on is made safe where it was', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  await world.describedAnew((yaml) => yaml.replace('address: 0x08', 'address: 0x09'));
  const heard = world.bus.seen.map(({ address, write }) => [
    address,
    Buffer.from(write ?? []).toString('hex'),
  ]);
  assert.deepEqual(heard, [
    [8, '2050'],
    [8, '2000'],
    [8, '50'],
  ]);
  await world.command('heat', { args: { power: 70 } });
  assert.equal(world.bus.seen.at(-1)?.address, 9);
});

for (const [what, leave] of [
  ['leaves', (world) => world.goes()],
  [
    'is described anew',
    (world) => world.describedAnew((yaml) => yaml.replace('[0x30, 0x00]', '[0x30, 0x02]')),
  ],
] as const satisfies readonly (readonly [string, (world: OutputWorld) => Promise<void>])[]) {
  test(`what a command switches on that was under way when its device ${what} is made safe at once`, async (t) => {
    const world = await outputWorld(t);
    world.bus.behave(() => ({ takesMs: 2000 }));
    const under = world.command('open', {});
    await until('it is on the wire', () => world.written().includes('3001'));
    world.bus.behave(() => ({ takesMs: 1 }));
    await leave(world);
    await world.done(under);
    await world.later(3000);
    const written = world.written().filter((bytes) => bytes.startsWith('30'));
    assert.deepEqual(written, ['3001', '3000']);
    assert.deepEqual(world.outputs.health().held, []);
  });
}
