// A device is left alone for a time, by request: seen by everybody, and over by itself.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { pauseHandler, resumeHandler } from '../../../bridge/requests/pauses.js';
import { pollerWorld } from '../../support/bus/poller-world.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    identify: { write: [0x01], read: 1, expect: [0x54] }
    samples: [{ every: 1s, write: [0x10], read: 1, fields: { level: { type: uint8 } } }]
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  tank-2: { type: tank, bus: main, address: 0x09 }
`;

async function world(t: Parameters<typeof pollerWorld>[0]) {
  const made = await pollerWorld(t, YAML, ({ write }) => ({
    takesMs: 1,
    bytes: write?.[0] === 0x01 ? [0x54] : [7],
  }));
  await made.poller.start();
  await made.clock.advance(1500);
  const seen = (): string[] =>
    made.bus.seen
      .filter(({ address }) => address === 0x08)
      .map(({ write }) => Buffer.from(write ?? []).toString('hex'));
  return { ...made, seen };
}

test('a paused device is not touched, says so, and is identified and read again when the time is over', async (t) => {
  const { clock, poller, said, seen } = await world(t);
  const until = clock.now() + 60_000;
  assert.deepEqual(await pauseHandler(poller)({ device: 'tank-1', for: '1m' }), {
    device: 'tank-1',
    pausedUntil: until,
  });
  const [before, neighbour] = [seen().length, said('tank-2/telemetry').length];
  await clock.advance(59_000);
  assert.equal(seen().length, before);
  assert.equal(poller.health()['tank-1']?.pausedUntil, until);
  assert.equal(said('tank-1/availability').at(-1)?.['pausedUntil'], until);
  assert.equal(said('tank-1/availability').at(-1)?.['state'], 'online');
  assert.equal(said('tank-2/telemetry').length, neighbour + 59);
  await clock.advance(3000);
  assert.deepEqual(seen().slice(before, before + 2), ['01', '10']);
  assert.equal(poller.health()['tank-1']?.pausedUntil, undefined);
  assert.equal(said('tank-1/availability').at(-1)?.['pausedUntil'], undefined);
  assert.deepEqual(
    said('/event')
      .filter(({ device }) => device === 'tank-1')
      .map(({ type, until: at }) => [type, at]),
    [
      ['device.online', undefined],
      ['device.paused', until],
      ['device.resumed', undefined],
    ],
  );
  // A pause that was asked for is no loss.
  assert.equal(poller.health()['tank-1']?.missed, 0);
});

test('it is over at once on request, and a second request for a pause takes the place of the first', async (t) => {
  const { clock, poller, seen } = await world(t);
  await pauseHandler(poller)({ device: 'tank-1', for: '1h' });
  await pauseHandler(poller)({ device: 'tank-1', for: '10s' });
  const before = seen().length;
  await clock.advance(9000);
  assert.equal(seen().length, before);
  await clock.advance(3000);
  assert.ok(seen().length > before);
  await pauseHandler(poller)({ device: 'tank-1', for: '1h' });
  const resumed = seen().length;
  assert.deepEqual(await resumeHandler(poller)({ device: 'tank-1' }), { device: 'tank-1', wasPaused: true });
  assert.deepEqual(await resumeHandler(poller)({ device: 'tank-1' }), { device: 'tank-1', wasPaused: false });
  await clock.advance(100);
  assert.deepEqual(seen().slice(resumed, resumed + 2), ['01', '10']);
});

test('a longer pause takes the place of a shorter one: it does not end with the first', async (t) => {
  const { clock, poller, seen } = await world(t);
  await pauseHandler(poller)({ device: 'tank-1', for: '10s' });
  await pauseHandler(poller)({ device: 'tank-1', for: '1h' });
  const before = seen().length;
  await clock.advance(60_000);
  assert.equal(seen().length, before);
});

test('a command to a paused device does not end its pause', async (t) => {
  const { clock, poller, seen } = await world(t);
  await pauseHandler(poller)({ device: 'tank-1', for: '1h' });
  const before = seen().length;
  for (const outcome of ['no_ack', 'no_ack', 'no_ack', 'ok'] as const) poller.noteOutcome('tank-1', outcome);
  await clock.advance(600_000);
  assert.equal(seen().length, before);
});

for (const [name, data, code] of [
  ['no time', { device: 'tank-1' }, 'bad_payload'],
  ['no end', { device: 'tank-1', for: '25h' }, 'bad_payload'],
  ['hardly any time', { device: 'tank-1', for: '500ms' }, 'bad_payload'],
  ['no duration', { device: 'tank-1', for: 'ever' }, 'bad_payload'],
  ['an unknown device', { device: 'tank-9', for: '1m' }, 'unknown_device'],
] as const) {
  test(`a pause with ${name} is refused`, async (t) => {
    const { poller } = await world(t);
    await assert.rejects(pauseHandler(poller)(data), { code });
  });
}

/** What is written when a pause comes while this register, which takes long, is written for the first time. */
async function pausedInALook(t: TestContext, yaml: string, slowRegister: number): Promise<string[]> {
  const { poller, clock, written } = await pollerWorld(t, yaml, ({ write }) => ({
    takesMs: write?.[0] === slowRegister ? 900 : 1,
    bytes: write?.[0] === 0x01 ? [0x54] : [7],
  }));
  await poller.start();
  await clock.advance(100);
  poller.pause('tank-1', 60_000);
  poller.pause('tank-2', 60_000);
  await clock.advance(30_000);
  return written();
}

test('a pause that comes while the device is looked for ends the search', async (t) => {
  const slow = YAML.replace('samples:', 'on_connect: [{ write: [0x30] }]\n    samples:');
  const written = await pausedInALook(t, slow, 0x01);
  assert.deepEqual([...new Set(written)], ['01']);
});

test('a pause that comes while the device is set up ends the set-up: what had not its turn is not written', async (t) => {
  const slow = YAML.replace('samples:', 'on_connect: [{ write: [0x30] }, { write: [0x31] }]\n    samples:');
  const written = await pausedInALook(t, slow, 0x30);
  assert.ok(written.includes('30'));
  assert.ok(!written.includes('31'), written.join());
});

test('a pause that is over before the look that it came upon: that look finds nothing, and the next one does', async (t) => {
  const slow = YAML.replace('samples:', 'on_connect: [{ write: [0x30] }]\n    samples:');
  const { poller, clock, seen } = await paused(t, slow);
  poller.resume('tank-1');
  await clock.advance(10_000);
  assert.deepEqual(seen().slice(0, 4), ['01', '01', '30', '10']);
});

test('a read that still waits for the bus when the pause comes is not made, and is no loss', async (t) => {
  const { poller, bus, clock, seen } = await world(t);
  await clock.advance(8600);
  // tank-2 has the wire while tank-1 comes due.
  bus.behave(({ address }) => ({ takesMs: address === 0x09 ? 900 : 1, bytes: [7] }));
  await clock.advance(1100);
  assert.deepEqual([bus.seen.at(-1)?.address, bus.running], [0x09, 1]);
  const { polls = 0 } = poller.health()['tank-1'] ?? {};
  const before = seen().length;
  assert.ok(polls > before - 1, 'none waits');
  poller.pause('tank-1', 60_000);
  await clock.advance(50_000);
  assert.equal(seen().length, before);
  assert.equal(poller.health()['tank-1']?.missed, 0);
});

/** Both devices, paused while the look for tank-1 is on the wire. */
async function paused(t: Parameters<typeof pollerWorld>[0], yaml: string) {
  const made = await pollerWorld(t, yaml, ({ write }) => ({
    takesMs: write?.[0] === 0x01 ? 900 : 1,
    bytes: write?.[0] === 0x01 ? [0x54] : [7],
  }));
  await made.poller.start();
  await made.clock.advance(100);
  made.poller.pause('tank-1', 60_000);
  made.poller.pause('tank-2', 60_000);
  await made.clock.advance(100);
  const seen = (): string[] => made.written();
  return { ...made, seen };
}
