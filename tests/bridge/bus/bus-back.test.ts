// A bus that comes back: the devices that were lost with it are looked for at once, one at a time; the dead wait on.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BusPart } from '../../../gateway/i2c/bus-part.js';
import { GatewayError } from '../../../shared/errors.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    identify: { write: [0x01], read: 1, expect: [0x54] }
    samples: [{ every: 1s, write: [0x10], read: 1, fields: { level: { type: uint8 } } }]
  hourly:
    on_connect: [{ write: [0x05, 0x01] }]
    samples: [{ every: 1h, write: [0x10], read: 1, fields: { level: { type: uint8 } } }]
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  tank-2: { type: tank, bus: main, address: 0x09 }
  dead-1: { type: tank, bus: main, address: 0x0a }
  seldom-1: { type: hourly, bus: main, address: 0x0b }
`;
const tanks: Behaviour = ({ address, write }) =>
  address === 0x0a
    ? { takesMs: 1, error: new GatewayError('no_ack', 'none') }
    : { takesMs: 1, bytes: [write?.[0] === 0x01 ? 0x54 : 7] };
const broken: Behaviour = () => ({ takesMs: 1, error: new GatewayError('timeout', 'the clock is held low') });

interface World extends PollerWorld {
  readonly part: BusPart;
  readonly steps: string[];
  readonly online: () => boolean;
  /** Addresses that were asked since so many transactions. */
  readonly asked: (since: number) => (number | undefined)[];
}

/** Two tanks that are read, one that never was there, on a bus part. A bus that is down stays so until it is started. */
async function running(t: TestContext): Promise<World> {
  const steps: string[] = [];
  const parts: BusPart[] = [];
  const world = await pollerWorld(t, YAML, tanks, {
    queueFor: (bus, clock) => {
      const part: BusPart = new BusPart({
        ...{ id: 'main', clock, onStep: ({ type }) => steps.push(type), onDown: () => void part.stop() },
        hook: () => Promise.resolve('It was reset.'),
        open: () =>
          Promise.resolve({ transfer: (...asked) => bus.transfer(...asked), close: () => Promise.resolve() }),
      });
      parts.push(part);
      return part;
    },
  });
  const [part] = parts;
  assert.ok(part);
  part.whenBack((lostSinceMs) => {
    world.poller.busIsBack('main', lostSinceMs);
  });
  part.whenReset(() => {
    world.poller.busWasReset('main');
  });
  await part.start();
  await world.poller.start();
  await world.clock.advance(600_000);
  const { health } = { health: () => world.poller.health() };
  const online = (): boolean =>
    ['tank-1', 'tank-2'].every((id) => health()[id]?.availability.state === 'online');
  assert.ok(online());
  const asked: World['asked'] = (since) => world.bus.seen.slice(since).map(({ address }) => address);
  return { ...world, part, steps, online, asked };
}

test('a bus that was down and is opened again is asked at once, and all that were lost with it are back in a moment', async (t) => {
  const { part, bus, clock, steps, online, asked } = await running(t);
  bus.behave(broken);
  // Long enough for every pause between two probes to have grown to a minute.
  await clock.advance(600_000);
  assert.equal(steps.at(-1), 'bus.down');
  assert.match(part.whyDown?.message ?? '', /^The bus main is down: the clock is held low/);
  bus.behave(tanks);
  const seen = bus.seen.length;
  await part.start();
  await clock.advance(50);
  assert.ok(online());
  assert.deepEqual([steps.at(-1), part.whyDown], ['bus.up', undefined]);
  assert.deepEqual(
    new Set(asked(seen)),
    new Set([8, 9, 0x0b]),
    'the one that was dead before waits for its turn',
  );
});

test('a bus that is opened again and still broken stays told as down', async (t) => {
  const { part, bus, clock, online } = await running(t);
  bus.behave(broken);
  await clock.advance(600_000);
  await part.start();
  await clock.advance(50);
  assert.equal(online(), false);
  assert.ok(part.whyDown);
});

test('a bus that works again without having been down does not leave its devices to their pauses', async (t) => {
  const { bus, clock, steps, online, asked } = await running(t);
  bus.behave(broken);
  while (steps.at(-1) !== 'bus.pause') await clock.advance(10);
  await clock.advance(251);
  // One of them comes first, by its own probe.
  let wellFrom = 0;
  bus.behave((transaction) => {
    wellFrom ||= clock.monotonicMs();
    return tanks(transaction);
  });
  while (wellFrom === 0) await clock.advance(10);
  const seen = bus.seen.length;
  await clock.advance(50);
  assert.equal(steps.at(-1), 'bus.up');
  assert.ok(online());
  assert.ok(!asked(seen).includes(0x0a));
});

test('what is on a bus whose hook has run may have lost its power: it is set up again, also who never fell silent', async (t) => {
  const { bus, clock, steps, online, written } = await running(t);
  bus.behave(broken);
  while (steps.at(-1) !== 'bus.hook') await clock.advance(10);
  const before = written().length;
  bus.behave(tanks);
  await clock.advance(2000);
  assert.ok(online());
  // It is read once an hour, and was not while the bus was in trouble.
  assert.ok(written().slice(before).includes('0501'));
});

test('a device whose pause ends while the bus is down was lost with it: it is looked for as soon as the bus is back', async (t) => {
  const { part, poller, bus, clock, online } = await running(t);
  poller.pause('tank-1', 30_000);
  bus.behave(broken);
  await clock.advance(600_000);
  bus.behave(tanks);
  await part.start();
  await clock.advance(50);
  assert.ok(online());
});
