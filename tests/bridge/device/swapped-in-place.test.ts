// An Arduino that was exchanged between two polls: it never fell silent, so its identity is asked when it talks nonsense.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../shared/errors.js';
import { pollerWorld } from '../../support/bus/poller-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  tank:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - every: 1s
        write: [0x10]
        read: 4
        frame: { start: [0xAA] }
        check: { kind: sum8 }
        fields: { level: { type: uint16le } }
    on_connect: [{ write: [0x40, 0x01] }]
devices: { tank-1: { type: tank, bus: main, address: 0x08 } }
`;
const tank =
  (identity: readonly number[], reply: readonly number[]): Behaviour =>
  ({ write, readLength }) => ({
    takesMs: 1,
    bytes: readLength === undefined ? [] : write?.[0] === 0x01 ? identity : reply,
  });
const TANK = [0x54, 0x02];
const GOOD = [0xaa, 1, 0, 0xab];
const NO_FRAME = [7, 7, 7, 7];

async function broughtUp(t: Parameters<typeof pollerWorld>[0]) {
  const world = await pollerWorld(t, YAML, tank(TANK, GOOD));
  await world.poller.start();
  await world.clock.advance(1500);
  assert.equal(world.said('device/tank-1/availability').at(-1)?.['state'], 'online');
  const asked = (from: number): number =>
    world
      .written()
      .slice(from)
      .filter((bytes) => bytes === '01').length;
  return { ...world, asked };
}

test('what is no frame is counted by its cause, degrades the device, and has a hint', async (t) => {
  const { clock, bus, poller, said } = await broughtUp(t);
  bus.behave(tank(TANK, NO_FRAME));
  await clock.advance(2000);
  const { faults, failures } = poller.health()['tank-1'] ?? {};
  assert.deepEqual([faults?.wrong_frame?.count, faults?.wrong_frame?.bytes, failures], [2, '07 07 07 07', 2]);
  assert.match(faults?.wrong_frame?.hint ?? '', /no frame/);
  const availability = said('device/tank-1/availability').at(-1);
  assert.deepEqual([availability?.['state'], availability?.['reason']], ['degraded', 'wrong_frame']);
});

test('after three strange replies in a row it is asked who it is, and a stranger is named', async (t) => {
  const { clock, bus, poller, said, asked } = await broughtUp(t);
  const before = bus.seen.length;
  bus.behave(tank([0x4c, 0x01], NO_FRAME));
  await clock.advance(2000);
  assert.equal(asked(before), 0);
  await clock.advance(1000);
  assert.equal(asked(before), 1);
  const availability = said('device/tank-1/availability').at(-1);
  assert.deepEqual([availability?.['state'], availability?.['reason']], ['offline', 'wrong_identity']);
  assert.match(String(availability?.['message']), /Identified itself as 4C 01, expected 54 02/);
  const { polls } = poller.health()['tank-1'] ?? {};
  await clock.advance(10_000);
  assert.equal(poller.health()['tank-1']?.polls, polls, 'a stranger is not read');
  bus.behave(tank(TANK, GOOD));
  await clock.advance(70_000);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'online');
  assert.equal(said('tank-1/reply/on_connect').length, 2, 'the right one is set up again');
});

test('the right one that talks nonsense is asked ever more seldom, stays degraded, and is not set up again', async (t) => {
  const { clock, bus, said, asked } = await broughtUp(t);
  const before = bus.seen.length;
  bus.behave(tank(TANK, NO_FRAME));
  await clock.advance(100_000);
  // After 3, 6, 12, 24, 48 and 96 replies.
  assert.equal(asked(before), 6);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'degraded');
  assert.equal(said('tank-1/reply/on_connect').length, 1);
});

test('good replies in between put the question off, and one that falls silent at it is no stranger', async (t) => {
  const { clock, bus, poller, said, asked } = await broughtUp(t);
  const before = bus.seen.length;
  let next = 0;
  bus.behave((transaction) => tank(TANK, (next += 1) % 3 === 0 ? GOOD : NO_FRAME)(transaction));
  await clock.advance(30_000);
  assert.equal(asked(before), 0);
  bus.behave(({ write }) =>
    write?.[0] === 0x01
      ? { takesMs: 1, error: new GatewayError('no_ack', 'none') }
      : { takesMs: 1, bytes: NO_FRAME },
  );
  await clock.advance(5000);
  assert.ok(asked(before) > 0);
  // A poll that it misses tells of it; the question alone does not.
  assert.equal(poller.health()['tank-1']?.faults.no_ack, undefined);
  assert.equal(said('device/tank-1/availability').at(-1)?.['state'], 'degraded');
});
