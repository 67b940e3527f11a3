// publish: on_change: what has not changed is not recorded, and still seen.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { mistakesInSample } from '../../support/bus/sample-yaml.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  room:
    identify: { write: [0x01], read: 1, expect: [0x52] }
    samples:
      - every: 1s
        write: [0x10]
        read: 3
        publish: on_change
        longest_silence: 10s
        fields:
          warmth: { type: uint8, deadband: 2, max: 100, none: [255] }
          door: { type: bool }
          count: { type: uint8 }
devices:
  room-1: { type: room, bus: main, address: 0x08 }
`;

interface Room extends PollerWorld {
  /** What the room's bytes are from now on. */
  is(warmth: number, door: number, count?: number): void;
  /** Warmth and door of every sample so far. */
  told(): unknown[][];
  isAbsent: boolean;
}

async function room(t: TestContext): Promise<Room> {
  let bytes = [20, 0, 0];
  const state = { isAbsent: false };
  const world = await pollerWorld(t, YAML, ({ write }) => {
    if (state.isAbsent) return { takesMs: 1, error: new GatewayError('no_ack', 'none') };
    return { takesMs: 1, bytes: write?.[0] === 0x01 ? [0x52] : bytes };
  });
  await world.poller.start();
  return Object.assign(state, world, {
    is: (warmth: number, door: number, count = 0) => {
      bytes = [warmth, door, count];
    },
    told: () =>
      world.said('telemetry').map(({ values }) => {
        const { warmth, door } = values as Readonly<Record<string, unknown>>;
        return [warmth, door];
      }),
  });
}

test('within its deadband a value is no news; beyond it, and any change of another field, is', async (t) => {
  const world = await room(t);
  await world.clock.advance(1500);
  world.is(22, 0);
  await world.clock.advance(2000);
  assert.deepEqual(world.told(), [[20, false]]);
  world.is(23, 0);
  await world.clock.advance(1000);
  world.is(23, 1);
  await world.clock.advance(1000);
  assert.deepEqual(world.told(), [
    [20, false],
    [23, false],
    [23, true],
  ]);
});

test('a slow drift is told, because what counts is the distance from what was told last', async (t) => {
  const world = await room(t);
  for (let warmth = 20; warmth <= 26; warmth += 1) {
    world.is(warmth, 0);
    await world.clock.advance(1000);
  }
  await world.clock.advance(100);
  assert.deepEqual(world.told(), [
    [20, false],
    [23, false],
    [26, false],
  ]);
});

test('the state always has the newest, seq counts what is published, and the rest is counted', async (t) => {
  const world = await room(t);
  await world.clock.advance(500);
  world.is(21, 0);
  await world.clock.advance(3000);
  world.is(40, 0);
  await world.clock.advance(1000);
  const states = world.said('state').map(({ values }) => (values as Record<string, unknown>)['warmth']);
  assert.deepEqual([...new Set(states)], [20, 21, 40]);
  assert.ok(states.length > 4);
  assert.deepEqual(
    world.said('telemetry').map(({ seq }) => seq),
    [0, 1],
  );
  assert.equal(world.poller.health()['room-1']?.unchanged, states.length - 2);
});

test('after the longest silence it is told again, unchanged', async (t) => {
  const world = await room(t);
  await world.clock.advance(60_500);
  const at = world.said('telemetry').map(({ ts }) => Number(ts));
  const gaps = at.slice(1).map((ts, index) => ts - (at[index] ?? 0));
  assert.ok(gaps.length >= 5 && Math.max(...gaps) <= 10_100 && Math.min(...gaps) >= 9000, gaps.join());
});

test('a value that is no longer believed is news, and so is the first after an absence', async (t) => {
  const world = await room(t);
  await world.clock.advance(500);
  world.is(200, 0);
  await world.clock.advance(3000);
  assert.deepEqual(world.told(), [
    [20, false],
    [null, false],
  ]);
  world.isAbsent = true;
  await world.clock.advance(4000);
  world.isAbsent = false;
  const before = world.told().length;
  await world.clock.advance(9000);
  assert.ok(world.told().length > before);
});

test('the first reading after an absence is told at once, long before the silence is over', async (t) => {
  const world = await room(t);
  await world.clock.advance(500);
  world.isAbsent = true;
  await world.clock.advance(2500);
  assert.deepEqual(world.told(), [[20, false]]);
  world.isAbsent = false;
  await world.clock.advance(5000);
  assert.deepEqual(world.told(), [
    [20, false],
    [20, false],
  ]);
});

test('another reason why a value is not believed is news as well', async (t) => {
  const world = await room(t);
  await world.clock.advance(500);
  world.is(200, 0);
  await world.clock.advance(2000);
  world.is(255, 0);
  await world.clock.advance(2000);
  assert.deepEqual(
    world.said('telemetry').map(({ errors }) => errors),
    [undefined, { warmth: 'out_of_range' }, { warmth: 'no_value' }],
  );
});

for (const [name, sample, expected] of [
  [
    'a silence without on_change',
    'longest_silence: 1m, read: 1, fields: { a: { type: uint8 } }',
    /longest_silence: has no meaning/,
  ],
  [
    'a deadband without on_change',
    'read: 1, fields: { a: { type: uint8, deadband: 1 } }',
    /a\.deadband: has no meaning/,
  ],
  [
    'a deadband of a text',
    'publish: on_change, read: 1, fields: { a: { type: bool, deadband: 1 } }',
    /deadband: has no meaning for type bool/,
  ],
  [
    'a silence shorter than the interval',
    'publish: on_change, longest_silence: 500ms, read: 1, fields: { a: { type: uint8 } }',
    /longest_silence: is shorter than every/,
  ],
] as const) {
  test(`${name} is refused`, () => {
    assert.match(mistakesInSample(sample), expected);
  });
}
