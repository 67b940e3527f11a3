// Promise 4 in numbers: what dead devices cost the living ones of their bus.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';

const DEAD = [0x0a, 0x0c, 0x11, 0x14, 0x1a];
/** The controller's own patience with a target that holds the clock (i2c-bcm2835 waits one second). */
const STRETCHED_MS = 1000;

/** Twenty devices, of which every other is read five times a second. */
const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  slow:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples: [{ every: 1s, write: [0x10], read: 2, fields: { level: { type: uint16le } } }]
  fast:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples: [{ every: 200ms, write: [0x10], read: 2, fields: { level: { type: uint16le } } }]
devices:
${Array.from(
  { length: 20 },
  (_, index) =>
    `  d${String(index)}: { type: ${index % 2 === 0 ? 'slow' : 'fast'}, bus: main, address: ${String(index + 8)} }`,
).join('\n')}
`;

const alive = ([first]: Uint8Array) => ({ takesMs: 1, bytes: first === 0x01 ? [0x54, 0x02] : [1, 0] });

async function world(t: TestContext): Promise<PollerWorld> {
  return pollerWorld(t, YAML, ({ write = new Uint8Array() }) => alive(write));
}

async function livingReads({ clock, bus }: PollerWorld, minutes: number): Promise<number> {
  const before = bus.seen.length;
  for (let minute = 0; minute < minutes; minute += 1) await clock.advance(60_000);
  return bus.seen.slice(before).filter(({ address, write }) => !DEAD.includes(address) && write?.[0] === 0x10)
    .length;
}

function killFive({ bus }: PollerWorld): void {
  bus.behave(({ address, write = new Uint8Array() }) =>
    DEAD.includes(address)
      ? { takesMs: STRETCHED_MS, error: new GatewayError('timeout', 'clock held') }
      : alive(write),
  );
}

test('five dead devices of twenty cost the living less than 5 % of their polls, from the moment they die', async (t) => {
  const they = await world(t);
  await they.poller.start();
  const healthy = await livingReads(they, 5);
  killFive(they);
  const withDead = await livingReads(they, 5);
  t.diagnostic(`${String(withDead)} of ${String(healthy)} polls`);
  assert.ok(withDead >= 0.95 * healthy, `${String(withDead)} of ${String(healthy)} polls`);
  const { d2, d0 } = they.poller.health();
  assert.deepEqual([d2?.availability.state, d0?.availability.state], ['offline', 'online']);
  assert.equal(they.bus.overlaps, 0);
});

test('five that are dead from the start keep no living device waiting for more than their own time-outs', async (t) => {
  const they = await world(t);
  killFive(they);
  await they.poller.start();
  await they.clock.advance(DEAD.length * STRETCHED_MS + 1000);
  const states = Object.values(they.poller.health()).map(({ availability }) => availability.state);
  assert.deepEqual(
    [
      states.filter((state) => state === 'online').length,
      states.filter((state) => state === 'offline').length,
    ],
    [15, 5],
  );
});

test('the dead of one bus are looked for one at a time, and each of them comes back', async (t) => {
  const they = await world(t);
  killFive(they);
  await they.poller.start();
  await livingReads(they, 5);
  const probes = (): number[] =>
    DEAD.map((address) => they.poller.health()[`d${String(address - 8)}`]?.probes ?? 0);
  const sum = probes().reduce((total, count) => total + count, 0);
  // One at once each, then one in 41 s of them all: 300 s ÷ 41 s.
  assert.ok(sum >= 5 + 5 && sum <= 5 + 9, `${String(sum)} probes`);
  assert.ok(Math.max(...probes()) - Math.min(...probes()) <= 1, probes().join());
  they.bus.behave(({ write = new Uint8Array() }) => alive(write));
  await livingReads(they, 5);
  assert.ok(Object.values(they.poller.health()).every(({ availability }) => availability.state === 'online'));
});
