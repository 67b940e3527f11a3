// What a killed process had acknowledged and not answered is answered by the next one, each once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idKey, type IncomingCommand } from '../../../shared/command-journal.js';
import { commandWorld, type CommandWorld } from '../../support/bus/command-world.js';
import { settled } from '../../support/fake-clock.js';

const written = ({ bus }: CommandWorld): number[][] =>
  bus.seen.filter(({ readLength }) => readLength === undefined).map(({ write }) => [...(write ?? [])]);

/** As a process keeps it that is killed at once. */
async function leave(world: CommandWorld, id: string, more: Partial<IncomingCommand> = {}): Promise<void> {
  const at = {
    ts: world.clock.now(),
    synchronised: true,
    machine: world.machine.name,
    uptimeMs: world.machine.uptimeMs + world.clock.monotonicMs(),
  };
  await world.journal.accept({
    ...{
      key: idKey(id),
      meaning: { device: 'tank-1', name: 'pump', asked: '[[["speed",7]],null]' },
    },
    ...{ at, boot: 'killed', begun: false, body: '{"args":{"speed":7},"by":{"client":"web"}}', ...more },
  });
}

const told = async (world: CommandWorld, count: number): Promise<unknown[]> =>
  (await world.replies(count)).map(({ id, status, error }) => [id, status, error?.code]);

test('one that had not begun is rejected as restarted, one that may have begun is interrupted', async (t) => {
  const world = await commandWorld(t);
  await leave(world, 'waited');
  await leave(world, 'began', { begun: true });
  await leave(world, 'marked');
  await world.journal.begin(['=marked']);
  await world.restart('second');
  assert.deepEqual(await told(world, 3), [
    ['waited', 'rejected', 'restarted'],
    ['began', 'failed', 'interrupted'],
    ['marked', 'failed', 'interrupted'],
  ]);
  assert.deepEqual(
    world.chronicle.map(({ by, args, reply }) => [reply.id, by, args]),
    [
      ['waited', { client: 'web' }, { speed: 7 }],
      ['began', { client: 'web' }, { speed: 7 }],
      ['marked', { client: 'web' }, { speed: 7 }],
    ],
  );
  assert.deepEqual(written(world), []);
});

test('what was interrupted is not run when it comes again, what was rejected is', async (t) => {
  const world = await commandWorld(t);
  await leave(world, 'waited');
  await leave(world, 'began', { begun: true });
  await world.restart('second');
  await world.replies(2);
  for (const id of ['waited', 'began']) await world.send('pump', `{"id":"${id}","args":{"speed":7}}`);
  const replies = await world.replies(4);
  const again = replies.slice(2).map(({ id, status, repeated }) => `${id} ${status} ${String(repeated)}`);
  assert.deepEqual(again.toSorted(), ['began failed true', 'waited done undefined']);
  assert.deepEqual(written(world), [[0x20, 7]]);
});

test('an answer that did not get out is given by the next process, to the letter, and by no later one', async (t) => {
  const world = await commandWorld(t);
  await leave(world, 'answered');
  await world.journal.finish('=answered', '{"id":"answered","status":"done","ts":1,"ms":2}', false);
  await world.restart('second');
  assert.deepEqual(await world.replies(1), [{ id: 'answered', status: 'done', ts: 1, ms: 2 }]);
  await world.restart('third');
  await settled();
  assert.deepEqual(await world.journal.unsaid(0, 10), []);
  assert.equal((await world.replies(1)).length, 1);
});

test('however many restarts there are, each has one answer', async (t) => {
  const world = await commandWorld(t);
  const ids = Array.from({ length: 450 }, (_, n) => `left-${String(n)}`);
  await Promise.all(ids.map((id) => leave(world, id)));
  await world.restart('second');
  await world.restart('third');
  const replies = await world.replies(450);
  await world.restart('fourth');
  await settled();
  assert.deepEqual(replies.map(({ id }) => id).toSorted(), ids.toSorted());
  assert.equal(world.client.received.length, 450);
});

test('where the setting says so what had not begun runs, in its order', async (t) => {
  const world = await commandWorld(t, 'run');
  for (const [id, speed] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    await leave(world, id, { body: JSON.stringify({ args: { speed } }), begun: id === 'b' });
  await world.restart('second');
  const replies = await world.replies(3);
  assert.deepEqual(replies.map(({ id, status }) => `${id} ${status}`).toSorted(), [
    'a done',
    'b failed',
    'c done',
  ]);
  assert.deepEqual(written(world), [
    [0x20, 1],
    [0x20, 3],
  ]);
});

test('then too what has expired, is older than a repeat, or no longer fits is answered so and not run', async (t) => {
  const world = await commandWorld(t, 'run');
  const meaning = { device: 'gone', name: 'pump', asked: '' };
  await leave(world, 'old');
  await world.clock.advance(600_001);
  await leave(world, 'expired', {
    body: JSON.stringify({ args: { speed: 1 }, expires: world.clock.now() - 1 }),
  });
  await leave(world, 'gone', { meaning });
  await leave(world, 'beyond', { body: '{"args":{"speed":999}}' });
  await leave(world, 'damaged', { body: '{"args":{"sp' });
  await world.restart('second');
  assert.deepEqual((await told(world, 5)).toSorted(), [
    ['beyond', 'rejected', 'bad_argument'],
    ['damaged', 'rejected', 'restarted'],
    ['expired', 'expired', 'expired'],
    ['gone', 'rejected', 'unknown_device'],
    ['old', 'rejected', 'restarted'],
  ]);
  assert.deepEqual(written(world), []);
});

test('a command is marked as begun before it is on the wire, and only a few ahead of it', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(({ readLength }) => ({ takesMs: 50_000, bytes: readLength === undefined ? [] : [7] }));
  for (let n = 0; n < 20; n += 1) await world.send('pump', `{"id":"n${String(n)}","args":{"speed":7}}`);
  const left = await world.journal.left('another process', 0, 100);
  assert.deepEqual(
    left.map(({ begun }) => begun),
    Array.from({ length: 20 }, (_, n) => n < 4),
  );
});
