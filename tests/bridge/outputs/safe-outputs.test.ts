// What was switched on ends safely: by its time, by the stop, after a crash; and only once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationOf } from '../../../bridge/commands/duration.js';
import { loadSqlite } from '../../../gateway/store/sqlite/load.js';
import { openStoreFileToRead, storePath } from '../../../gateway/store/file/store.js';
import { GatewayError } from '../../../shared/errors.js';
import { tank } from '../../support/bus/devices.js';
import { outputWorld } from '../../support/bus/output-world.js';

const noAck = () => ({ takesMs: 1, error: new GatewayError('no_ack', 'none') });

test('when its time is over the safe write follows by itself, and is answered like a command', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  await world.later(29_000);
  assert.deepEqual(world.written(), ['2050']);
  assert.equal(world.outputs.health().held.length, 1);
  await world.later(2000);
  assert.deepEqual(world.written(), ['2050', '2000']);
  assert.deepEqual(world.replies('heat'), [['done', 'for', 'a1']]);
  assert.deepEqual([world.outputs.health().held, world.outcomes], [[], ['ok']]);
  await world.later(3_600_000);
  assert.equal(world.written().length, 2);
});

test('its time counts from the first step of a command that has several', async (t) => {
  const world = await outputWorld(t);
  const beganMs = world.clock.monotonicMs();
  await world.command('soak', {});
  assert.ok(world.clock.monotonicMs() - beganMs < 9000);
  await world.later(beganMs + 9500 - world.clock.monotonicMs());
  assert.deepEqual(world.written(), ['7801', '79']);
  await world.later(1000);
  assert.deepEqual(world.written(), ['7801', '79', '7800']);
});

test('a safe write of several steps takes them all, by its time and after a crash', async (t) => {
  const world = await outputWorld(t);
  await world.command('pump', {});
  await world.later(31_000);
  assert.deepEqual(world.written(), ['7001', '7000', '7100']);
  assert.deepEqual(world.replies('pump'), [['done', 'for', 'a1']]);
  assert.deepEqual([world.outputs.health().held, world.outcomes], [[], ['ok']]);
  await world.command('pump', {});
  await world.crash();
  world.foundAgain();
  await world.later(100);
  assert.deepEqual(world.written().slice(3), ['7001', '7000', '7100']);
  assert.deepEqual(world.outputs.health().held, []);
});

test('writes of the gateway’s own are in the logbook: who, why and after which command, also those that failed', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  world.bus.behave(noAck);
  await world.later(30_500);
  world.bus.behave(() => ({ takesMs: 1 }));
  await world.later(2000);
  await world.command('siren', { id: 's1' });
  await world.crash();
  world.foundAgain();
  await world.later(100);
  await world.done(world.outputs.stop());
  const told = (await world.logbook()).map((entry) =>
    entry.kind === 'command'
      ? [entry.name, entry.status, entry.by?.client, entry.why, entry.of, entry.error?.code]
      : [],
  );
  assert.deepEqual(told, [
    ['heat', 'failed', 'gateway', 'for', 'a1', 'no_ack'],
    ['heat', 'done', 'gateway', 'for', 'a1', undefined],
    ['siren', 'done', 'gateway', 'crash', 's1', undefined],
    ['on_stop', 'done', 'gateway', 'on_stop', undefined, undefined],
  ]);
});

test('a newer command of the name takes the place of the pending end', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, forMs: 30_000 });
  await world.later(20_000);
  await world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 60_000 });
  await world.later(59_000);
  assert.deepEqual(world.written(), ['2050', '205a']);
  await world.later(2000);
  assert.deepEqual(world.written(), ['2050', '205a', '2000']);
  assert.deepEqual(world.replies('heat'), [['done', 'for', 'a2']]);
});

test('what makes it safe ends it, under this name or another', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  await world.command('open', {});
  await world.command('heat', { args: { power: 0 } });
  await world.command('close', {});
  await world.later(600_000);
  assert.deepEqual(world.written(), ['2050', '3001', '2000', '3000']);
  await world.crash();
  assert.deepEqual(world.outputs.health(), { held: [], leftOn: [] });
});

test('a newer command that was never run leaves the pending end as it was', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, forMs: 30_000 });
  const refuse = () => new GatewayError('expired', 'too late');
  await assert.rejects(
    world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 500_000, refuse }),
    /too late/,
  );
  await world.later(31_000);
  assert.deepEqual(world.written(), ['2050', '2000']);
  assert.deepEqual(world.replies('heat'), [['done', 'for', 'a1']]);
});

test('a newer command that may have acted does not put the end off', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, forMs: 30_000 });
  world.bus.behave(noAck);
  await assert.rejects(world.command('heat', { args: { power: 90 }, id: 'a2', forMs: 500_000 }));
  world.bus.behave(() => ({ takesMs: 1 }));
  await world.later(31_000);
  assert.deepEqual(world.written(), ['2050', '205a', '2000']);
});

test('a safe write that fails is made again until it has worked, at once when the device is found', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 } });
  world.bus.behave(noAck);
  await world.later(30_500);
  assert.deepEqual(world.replies('heat'), [['failed', 'for', 'a1']]);
  assert.deepEqual(world.outcomes, ['no_ack: none']);
  // After 1 s, and after 2 s more.
  await world.later(4000);
  assert.deepEqual(world.written(), ['2050', '2000', '2000', '2000']);
  await world.later(600_000);
  const tried = world.written().length;
  // After 4, 8, 16, 32 and then each 60 s.
  assert.ok(tried > 10 && tried < 20, String(tried));
  world.bus.behave(() => ({ takesMs: 1 }));
  world.foundAgain();
  await world.later(100);
  assert.deepEqual(world.written().slice(tried), ['2000']);
  assert.equal(world.outputs.health().held.length, 0);
});

test('before it is on the wire it is on disk', async (t) => {
  const world = await outputWorld(t);
  const engine = await loadSqlite();
  const marksOnDisk = (): unknown[] => {
    const { database } = openStoreFileToRead(engine, storePath(world.dataDir));
    const keys = database.prepare('SELECT key FROM outputs').all();
    database.close();
    return keys.map(({ key }) => key);
  };
  const whenWritten: unknown[][] = [];
  world.bus.behave(() => {
    whenWritten.push(marksOnDisk());
    return { takesMs: 1 };
  });
  await world.command('siren');
  assert.deepEqual(whenWritten, [['heater-1/siren']]);
});

test('what a crash left on is named, and made safe when its device is found, where its type says so', async (t) => {
  const world = await outputWorld(t);
  await world.command('siren', { id: 's1' });
  await world.command('glow', { args: { level: 5 }, id: 'g1' });
  await world.command('open', { id: 'o1' });
  await world.later(2000);
  await world.crash();
  await world.later(100);
  assert.deepEqual(world.written(), ['6001', '4005', '3001'], 'written before the device was found');
  const named = world.said.filter(({ message }) => message['type'] === 'output.left_on');
  assert.deepEqual(
    named.map(({ message }) => message['command']),
    ['glow', 'open', 'siren'],
  );
  assert.match(
    String(named[0]?.message['message']),
    /heater-1\/glow was left on .*command g1.*left as it is/,
  );
  assert.match(String(named[2]?.message['message']), /siren was left on .*made safe/);
  assert.equal(world.log.saying('was left on by a process').length, 3);
  assert.equal(world.outputs.health().leftOn.length, 3);

  world.foundAgain();
  await world.later(100);
  assert.deepEqual(world.written().slice(3), ['6000']);
  assert.deepEqual(world.replies('siren'), [['done', 'crash', 's1']]);
  // The valve's time, of which 2 s had passed, ends it all the same; the glow is left as it is.
  await world.later(10_000);
  assert.deepEqual(world.written().slice(3), ['6000', '3000']);
  assert.deepEqual(world.replies('close'), [['done', 'for', 'o1']]);
});

test('the stop ends what has a time, makes the on_stop writes, and leaves the rest for good', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, id: 'h1' });
  await world.command('glow', { args: { level: 5 } });
  await world.done(world.outputs.stop());
  assert.deepEqual(world.written(), ['2050', '4005', '2000', '50']);
  assert.deepEqual(world.replies('heat'), [['done', 'on_stop', 'h1']]);
  assert.deepEqual(world.replies('on_stop'), [['done', 'on_stop', undefined]]);
  await world.crash();
  world.foundAgain();
  await world.later(60_000);
  assert.deepEqual(world.outputs.health().leftOn, []);
  assert.equal(world.written().length, 4);
});

test('a bus that hangs holds the stop up for 1.5 s, and the next start makes safe what the stop could not', async (t) => {
  const world = await outputWorld(t);
  await world.command('heat', { args: { power: 80 }, id: 'h1' });
  world.bus.behave(() => ({ takesMs: 30_000 }));
  const from = world.clock.monotonicMs();
  await world.done(world.outputs.stop());
  const tookMs = world.clock.monotonicMs() - from;
  assert.ok(tookMs <= 2000, `${String(tookMs)} ms`);
  assert.deepEqual(world.replies('heat'), [['failed', 'on_stop', 'h1']]);
  await world.later(60_000);
  world.bus.behave(() => ({ takesMs: 1 }));
  await world.crash();
  world.foundAgain();
  await world.later(100);
  assert.deepEqual(world.replies('heat').at(-1), ['done', 'crash', 'h1']);
});

test('a command may ask for as long as its description lets it, and only where that says what is safe', () => {
  const spec = tank().type.commands.get('pump');
  assert.ok(spec);
  assert.equal(durationOf(spec, undefined), undefined);
  assert.throws(() => durationOf(spec, '5s'), { code: 'bad_argument' });
  const safe = { name: 'pump', spec, args: new Map([['speed', 0]]) };
  const ended = { ...spec, ending: { safe, defaultMs: 1000, maxMs: 5000, afterCrash: 'safe' } } as const;
  assert.equal(durationOf(ended, undefined), 1000);
  assert.equal(durationOf(ended, '5s'), 5000);
  for (const wrong of ['5001ms', '0ms', '5', 'soon'])
    assert.throws(() => durationOf(ended, wrong), { code: 'bad_argument' });
});
