import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { commandWorld } from '../../support/bus/command-world.js';
import { settled } from '../../support/fake-clock.js';
import { until } from '../../support/waiting.js';

const written = (bus: { seen: readonly { write?: Uint8Array; readLength?: number }[] }): number[][] =>
  bus.seen.filter(({ readLength }) => readLength === undefined).map(({ write }) => [...(write ?? [])]);

test('a bare scalar, an object and nothing are all commands, and the id is echoed', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '42');
  await world.send('pump', '{"id":"a1","args":{"speed":43}}');
  await world.send('stop', '');
  const replies = await world.replies(3);
  assert.deepEqual(replies.map(({ id, status }) => [id, status]).toSorted(), [
    ['a1', 'done'],
    ['made-1', 'done'],
    ['made-2', 'done'],
  ]);
  assert.deepEqual(written(world.bus), [[0x20, 42], [0x20, 43], [0x40]]);
  assert.deepEqual(replies.find(({ id }) => id === 'a1')?.data, { speed: 43 });
});

for (const [name, payload, code] of [
  ['pump', '{"id":"x","args":{}}', 'missing_argument'],
  ['pump', '{"id":"x","args":{"speed":101}}', 'bad_argument'],
  ['pump', '{"id":"x","args":{"speed":1.5}}', 'bad_argument'],
  ['pump', '{"id":"x","args":{"speed":"fast"}}', 'bad_argument'],
  ['pump', '{"id":"x","args":{"speed":null}}', 'bad_argument'],
  ['pump', '{"id":"x","args":{"speed":1,"sped":2}}', 'unknown_argument'],
  ['pump', '{"id":"x","args":{"speed":1,"__proto__":2}}', 'unknown_argument'],
  ['pump', '{"id":"x","speed":1}', 'bad_payload'],
  ['pump', '{"id":"x","args":[1]}', 'bad_payload'],
  ['pump', '{"id":"x","expires":"soon"}', 'bad_payload'],
  ['stopp', '{"id":"x"}', 'unknown_command'],
] as const) {
  test(`${payload} to ${name} is answered ${code} and never reaches the bus`, async (t) => {
    const world = await commandWorld(t);
    await world.send(name, payload);
    const [reply] = await world.replies(1);
    assert.deepEqual([reply?.id, reply?.status, reply?.error?.code], ['x', 'rejected', code]);
    assert.equal(world.bus.seen.length, 0);
  });
}

for (const [what, payload, code] of [
  ['text that is no JSON', 'on', 'bad_json'],
  ['broken UTF-8', '\u{dc00}"', 'bad_json'],
  ['a list', '[1,2]', 'bad_payload'],
  ['null', 'null', 'bad_payload'],
  ['a text', '"fast"', 'bad_payload'],
  ['an object that poisons prototypes', '{"__proto__":{"admin":true}}', 'bad_payload'],
  ['a hundred thousand bytes', `"${'x'.repeat(100_000)}"`, 'too_large'],
] as const) {
  test(`${what} as a payload is answered ${code}`, async (t) => {
    const world = await commandWorld(t);
    await world.send('pump', payload);
    const [reply] = await world.replies(1);
    assert.deepEqual([reply?.status, reply?.error?.code], ['rejected', code]);
    assert.equal(world.bus.seen.length, 0);
  });
}

test('a command to a device nobody configured is answered on that device’s topic', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '{"id":"u1","args":{"speed":1}}', { device: 'No such device' });
  const [reply] = await world.replies(1);
  assert.equal(reply?.error?.code, 'unknown_device');
  assert.equal(world.client.received[0]?.topic, 'iot/greenhouse/device/No such device/reply/pump');
});

test('a command that comes twice runs once, and the second gets the stored answer', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '{"id":"a1","args":{"speed":7}}');
  const [first] = await world.replies(1);
  await world.send('pump', '{"args":{"speed":7},"id":"a1"}');
  const [, second] = await world.replies(2);
  assert.deepEqual(second, { ...first, repeated: true });
  assert.deepEqual(written(world.bus), [[0x20, 7]]);
});

test('a command that comes twice while it runs is answered once', async (t) => {
  const world = await commandWorld(t);
  for (let n = 0; n < 5; n++) await world.send('pump', '{"id":"a1","args":{"speed":7}}');
  await world.send('stop', '{"id":"last"}');
  const replies = await world.replies(2);
  await settled();
  assert.deepEqual(replies.map(({ id }) => id).toSorted(), ['a1', 'last']);
  assert.deepEqual(written(world.bus), [[0x20, 7], [0x40]]);
});

test('a command answered before a crash gets its stored answer after it', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '{"id":"a1","args":{"speed":7}}');
  const [first] = await world.replies(1);
  await world.restart('second');
  await world.send('pump', '{"id":"a1","args":{"speed":7}}');
  const [, second] = await world.replies(2);
  assert.deepEqual(second, { ...first, repeated: true });
  assert.deepEqual(written(world.bus), [[0x20, 7]]);
});

test('an expired command is not run, on arrival and when its turn comes too late', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', `{"id":"old","args":{"speed":1},"expires":${String(world.clock.now() - 1)}}`);
  const [old] = await world.replies(1);
  assert.deepEqual([old?.status, old?.error?.code], ['expired', 'expired']);
  world.bus.behave(() => ({ takesMs: 500 }));
  await world.send('stop', '{"id":"slow"}');
  await world.send('pump', `{"id":"late","args":{"speed":1},"expires":${String(world.clock.now() + 100)}}`);
  const replies = await world.replies(3);
  assert.equal(replies.find(({ id }) => id === 'late')?.status, 'expired');
  assert.deepEqual(written(world.bus), [[0x40]]);
});

test('the message itself may expire: what ends first counts', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ takesMs: 1500 }));
  await world.send('stop', '{"id":"slow"}');
  const expires = String(world.clock.now() + 1000);
  await world.send('pump', '{"id":"bare","args":{"speed":1}}', { expiresInS: 1 });
  await world.send(
    'pump',
    `{"id":"sooner","args":{"speed":2},"expires":${String(world.clock.now() + 100_000)}}`,
    { expiresInS: 1 },
  );
  await world.send('pump', `{"id":"later","args":{"speed":3},"expires":${expires}}`, { expiresInS: 100 });
  await world.send('stop', '{"id":"none"}', { expiresInS: 100 });
  const replies = await world.replies(5);
  assert.deepEqual(replies.map(({ id, status }) => `${id} ${status}`).toSorted(), [
    'bare expired',
    'later expired',
    'none done',
    'slow done',
    'sooner expired',
  ]);
  assert.deepEqual(written(world.bus), [[0x40], [0x40]]);
});

test('a retained command is refused and answered; clearing it is not a command', async (t) => {
  const world = await commandWorld(t);
  await world.send('stop', '{"id":"r"}', { retain: true });
  const [reply] = await world.replies(1);
  assert.deepEqual([reply?.id, reply?.status, reply?.error?.code], ['r', 'rejected', 'retained_command']);
  await world.send('stop', '', { retain: true });
  await world.send('stop', '{"id":"after"}');
  await world.replies(2);
  assert.deepEqual(written(world.bus), [[0x40]]);
});

test('a device that is gone is answered with no_ack, and the poller hears of it', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ error: new GatewayError('no_ack', 'nobody at 0x08') }));
  await world.send('pump', '{"id":"g","args":{"speed":1}}');
  const [reply] = await world.replies(1);
  assert.deepEqual([reply?.status, reply?.error?.code], ['failed', 'no_ack']);
  assert.deepEqual(world.outcomes, ['no_ack']);
});

test('a command that finds its bus down was never run: rejected, and sent again it runs', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ error: new GatewayError('bus_unavailable', 'is down', { untried: true }) }));
  await world.send('pump', '{"id":"d","args":{"speed":7}}');
  const [reply] = await world.replies(1);
  assert.deepEqual([reply?.status, reply?.error?.code], ['rejected', 'bus_unavailable']);
  world.bus.behave(({ readLength }) => ({ bytes: readLength === undefined ? [] : [7] }));
  await world.send('pump', '{"id":"d","args":{"speed":7}}');
  const [, again] = await world.replies(2);
  assert.deepEqual([again?.id, again?.status], ['d', 'done']);
});

test('a bus that goes in the middle of a command leaves it failed: whether the device acted is unknown', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ error: new GatewayError('bus_unavailable', 'the adapter is gone') }));
  await world.send('pump', '{"id":"m","args":{"speed":7}}');
  await world.replies(1);
  await world.send('pump', '{"id":"m","args":{"speed":7}}');
  const replies = await world.replies(2);
  assert.deepEqual(
    replies.map(({ status, error }) => [status, error?.code]),
    [
      ['failed', 'bus_unavailable'],
      ['failed', 'bus_unavailable'],
    ],
  );
  assert.equal(written(world.bus).length, 1);
});

test('a command that reads back otherwise has failed, by name', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(({ readLength }) => ({ bytes: readLength === undefined ? [] : [99] }));
  await world.send('pump', '{"id":"v","args":{"speed":1}}');
  const [reply] = await world.replies(1);
  assert.deepEqual([reply?.status, reply?.error?.code], ['failed', 'verify_failed']);
  // With the bytes that were read back: the device's faults show them.
  assert.deepEqual(world.outcomes, ['verify_failed 63']);
});

test('each command is one line in the log, with device, code and duration', async (t) => {
  const world = await commandWorld(t);
  await world.send('pump', '{"id":"l","args":{"speed":200}}');
  await world.replies(1);
  const lines = world.log.lines.filter(({ fields }) => fields['id'] === 'l');
  assert.equal(lines.length, 1);
  const { device, command, code, ms } = lines[0]?.fields ?? {};
  assert.deepEqual([device, command, code, typeof ms], ['tank-1', 'pump', 'bad_argument', 'number']);
});

test('a stop awaits the command that runs and refuses those that wait', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ takesMs: 50, bytes: [] }));
  for (const id of ['running', 'waiting-1', 'waiting-2']) await world.send('stop', `{"id":"${id}"}`);
  await until('the first on the wire', () => world.bus.seen.length === 1);
  const restarted = world.restart('second');
  const replies = await world.replies(3);
  await restarted;
  assert.deepEqual(
    replies.map(({ id, status, error }) => [id, status, error?.code]),
    [
      ['running', 'done', undefined],
      ['waiting-1', 'rejected', 'closed'],
      ['waiting-2', 'rejected', 'closed'],
    ],
  );
  assert.equal(world.bus.seen.length, 1);
});

test('what a stop refused runs when it is sent again, and what ran does not', async (t) => {
  const world = await commandWorld(t);
  world.bus.behave(() => ({ takesMs: 50, bytes: [] }));
  for (const id of ['ran', 'refused']) await world.send('stop', `{"id":"${id}"}`);
  await until('the first on the wire', () => world.bus.seen.length === 1);
  const restarted = world.restart('second');
  await world.replies(2);
  await restarted;
  for (const id of ['ran', 'refused']) await world.send('stop', `{"id":"${id}"}`);
  const replies = await world.replies(4);
  assert.deepEqual(replies.map(({ id, status }) => `${id} ${status}`).toSorted(), [
    'ran done',
    'ran done',
    'refused done',
    'refused rejected',
  ]);
  assert.equal(world.bus.seen.length, 2);
});
