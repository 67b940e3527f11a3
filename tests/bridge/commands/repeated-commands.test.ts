// The same id again: the same command gets the answer of the first, any other is refused, and later it is a new one.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ReplyMessage } from '../../../shared/messages.js';
import { commandWorld, type CommandWorld } from '../../support/bus/command-world.js';
import { TOPICS } from '../../support/mqtt/embedded-broker.js';
import { openRawClient, publishPacket } from '../../support/mqtt/raw-mqtt.js';

const TEN_MINUTES = 600_000;
const YEAR = 365 * 24 * 6 * TEN_MINUTES;
const PUMP_7 = '{"id":"a1","args":{"speed":7}}';

const written = ({ bus }: CommandWorld): number[][] =>
  bus.seen.filter(({ readLength }) => readLength === undefined).map(({ write }) => [...(write ?? [])]);

async function oneDone(t: TestContext): Promise<{ world: CommandWorld; first: ReplyMessage | undefined }> {
  const world = await commandWorld(t);
  await world.send('pump', PUMP_7);
  const [first] = await world.replies(1);
  assert.equal(first?.status, 'done');
  return { world, first };
}

for (const [what, device, name, payload] of [
  ['other arguments', 'tank-1', 'pump', '{"id":"a1","args":{"speed":0}}'],
  ['another command', 'tank-1', 'stop', '{"id":"a1"}'],
  ['another device', 'tank-2', 'pump', PUMP_7],
] as const)
  test(`an id that comes again with ${what} is rejected, and its command is not run`, async (t) => {
    const { world, first } = await oneDone(t);
    await world.send(name, payload, { device });
    const [, other] = await world.replies(2);
    assert.deepEqual([other?.id, other?.status, other?.error?.code], ['a1', 'rejected', 'reused_id']);
    await world.send('pump', PUMP_7);
    const [, , again] = await world.replies(3);
    assert.deepEqual(again, { ...first, repeated: true });
    assert.deepEqual(written(world), [[0x20, 7]]);
  });

test('also while the first still runs', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(({ readLength }) => ({ takesMs: 30, bytes: readLength === undefined ? [] : [7] }));
  await world.send('pump', PUMP_7);
  await world.send('pump', '{"id":"a1","args":{"speed":0}}');
  await world.send('pump', PUMP_7);
  const replies = await world.replies(2);
  assert.deepEqual(
    replies.map(({ status, error }) => [status, error?.code]),
    [
      ['rejected', 'reused_id'],
      ['done', undefined],
    ],
  );
  assert.deepEqual(written(world), [[0x20, 7]]);
});

test('ten minutes later the id is free', async (t) => {
  const { world } = await oneDone(t);
  await world.clock.advance(TEN_MINUTES + 1);
  await world.send('pump', '{"id":"a1","args":{"speed":9}}');
  const [, second] = await world.replies(2);
  assert.deepEqual([second?.status, second?.repeated], ['done', undefined]);
  assert.deepEqual(written(world), [
    [0x20, 7],
    [0x20, 9],
  ]);
});

for (const [what, happens] of [
  [
    'a clock that jumps ahead by a year',
    (world: CommandWorld) => {
      world.clock.jumpWallClock(YEAR);
    },
  ],
  [
    'one that does so while the gateway starts again',
    async (world: CommandWorld) => {
      world.clock.jumpWallClock(YEAR);
      await world.restart('second');
    },
  ],
  [
    'one that is set right after the whole machine was off',
    async (world: CommandWorld) => {
      world.machine.name = 'second run';
      world.machine.uptimeMs = 20_000 - world.clock.monotonicMs();
      world.machine.synchronised = false;
      await world.restart('second');
      world.clock.jumpWallClock(YEAR);
    },
  ],
] as const)
  test(`${what} makes no new command of one that comes again after five seconds`, async (t) => {
    const { world, first } = await oneDone(t);
    await happens(world);
    await world.clock.advance(5000);
    await world.send('pump', PUMP_7);
    const [, again] = await world.replies(2);
    assert.deepEqual(again, { ...first, repeated: true });
    assert.deepEqual(written(world), [[0x20, 7]]);
  });

test('a message sent again for want of its acknowledgement runs once, with an id or without, after any time', async (t) => {
  const world = await commandWorld(t);
  const topic = TOPICS.command('tank-1', 'pump');
  const sender = await openRawClient(t, world.port, 'web');
  const named = publishPacket({ topic, text: PUMP_7, qos: 1, id: 5 });
  const bare = publishPacket({ topic, text: '9', qos: 1, id: 6 });
  sender.send(named, bare);
  const first = await world.replies(2);
  await world.clock.advance(TEN_MINUTES + 1);
  // It is the same session's packet, on a new connection.
  const back = await openRawClient(t, world.port, 'web');
  back.send(
    publishPacket({ topic, text: PUMP_7, qos: 1, id: 5, dup: true }),
    publishPacket({ topic, text: '9', qos: 1, id: 6, dup: true }),
  );
  const replies = await world.replies(4);
  assert.deepEqual(
    replies.slice(2),
    first.map((reply) => ({ ...reply, repeated: true })),
  );
  // Somebody else's packet of that number, and a new one of its own, are commands.
  const other = await openRawClient(t, world.port, 'other');
  other.send(publishPacket({ topic, text: '9', qos: 1, id: 6, dup: true }));
  back.send(bare);
  await world.replies(6);
  assert.deepEqual(written(world), [
    [0x20, 7],
    [0x20, 9],
    [0x20, 9],
    [0x20, 9],
  ]);
});

test('a refusal that is sent again for want of its acknowledgement is the first one', async (t) => {
  const world = await commandWorld(t);
  const topic = TOPICS.command('tank-1', 'pump');
  const sender = await openRawClient(t, world.port, 'web');
  sender.send(publishPacket({ topic, text: '{{{', qos: 1, id: 5 }));
  const [first] = await world.replies(1);
  const back = await openRawClient(t, world.port, 'web');
  back.send(publishPacket({ topic, text: '{{{', qos: 1, id: 5, dup: true }));
  const [, again] = await world.replies(2);
  assert.deepEqual(again, { ...first, repeated: true });
});

test('when it expires makes no other command of it', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '{"id":"b","args":{"speed":7},"expires":9999999999999}');
  await world.replies(1);
  await world.send('pump', '{"id":"b","args":{"speed":7}}');
  const [, again] = await world.replies(2);
  assert.equal(again?.repeated, true);
});

test('the logbook is given a line of a repeat and of a reused id', async (t) => {
  const { world, first } = await oneDone(t);
  await world.send('pump', PUMP_7);
  await world.send('stop', '{"id":"a1"}');
  await world.replies(3);
  const lines = world.chronicle.map(({ name, args, reply }) => [
    name,
    args,
    reply.status,
    reply.repeated,
    reply.error?.code,
  ]);
  assert.deepEqual(lines, [
    ['pump', { speed: 7 }, 'done', undefined, undefined],
    ['pump', { speed: 7 }, 'done', true, undefined],
    ['stop', {}, 'rejected', undefined, 'reused_id'],
  ]);
  assert.equal(world.chronicle[1]?.reply.ts, first?.ts);
});
