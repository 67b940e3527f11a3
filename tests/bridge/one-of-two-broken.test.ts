// A device of two samples, one of which is never believed: one state that says so, told once, however often both are read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollerWorld } from '../support/bus/poller-world.js';
import type { Behaviour } from '../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - { every: 1s, write: [0x10], read: 2, check: { kind: sum8 }, fields: { level: { type: uint8 } } }
      - { every: 1s, write: [0x11], read: 2, check: { kind: sum8 }, fields: { light: { type: uint8 } } }
devices: { tank-1: { type: tank, bus: main, address: 0x08 } }
`;
const GOOD = [7, 7];
const WRONG = [7, 8];

/** What the read of each register answers. */
const tank =
  (level: readonly number[], light: () => readonly number[]): Behaviour =>
  ({ write }) => ({
    takesMs: 1,
    bytes: write?.[0] === 0x01 ? [0x54, 0x02] : write?.[0] === 0x10 ? level : light(),
  });

test('it stays degraded while one of them is wrong, told once, and is asked who it is', async (t) => {
  const { clock, bus, poller, said, log, written } = await pollerWorld(
    t,
    YAML,
    tank(GOOD, () => WRONG),
  );
  await poller.start();
  await clock.advance(60_000);
  const states = said('device/tank-1/availability').map(({ state, reason }) => [state, reason]);
  assert.deepEqual(states.at(-1), ['degraded', 'checksum']);
  assert.ok(states.length <= 2, JSON.stringify(states));
  const events = said('/event').filter(({ device }) => device === 'tank-1');
  assert.ok(events.length <= 2, JSON.stringify(events));
  assert.equal(log.messages('warn').filter((line) => line.includes('not believed')).length, 1);
  // At the start, and after 3, 6, 12, 24 and 48 wrong replies.
  assert.equal(written().filter((hex) => hex === '01').length, 6);
  bus.behave(tank(GOOD, () => GOOD));
  await clock.advance(2000);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'online');
});

test('replies that are wrong in turns, each in another way, are one fault', async (t) => {
  let turn = 0;
  const odd = (): readonly number[] => ((turn += 1) % 2 === 0 ? WRONG : [0xff]);
  const { clock, poller, said } = await pollerWorld(t, YAML, tank(WRONG, odd));
  await poller.start();
  await clock.advance(60_000);
  assert.ok(said('device/tank-1/availability').length <= 2);
  assert.deepEqual(Object.keys(poller.health()['tank-1']?.faults ?? {}).sort(), ['checksum', 'short_reply']);
});

test('both wrong, then one, then none: degraded until the last is well', async (t) => {
  const { clock, bus, poller, said } = await pollerWorld(
    t,
    YAML,
    tank(WRONG, () => WRONG),
  );
  await poller.start();
  await clock.advance(5000);
  bus.behave(tank(GOOD, () => WRONG));
  await clock.advance(5000);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'degraded');
  bus.behave(tank(GOOD, () => GOOD));
  await clock.advance(5000);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'online');
});
