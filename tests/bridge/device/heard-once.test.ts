// A place that was heard once and is not asked any more (a scan, a raw read) says nothing of the bus for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import type { Reading } from '../../../bridge/device/reader.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { FakeClock } from '../../support/fake-clock.js';
import { failing, FINE, opened } from '../../support/bus/recovering-world.js';

const MINUTE_MS = 60_000;

test('a jammed bus is helped, whatever was heard once', async () => {
  let jammed = false;
  const world = await opened({ behaviour: () => (jammed ? failing('bus_fault') : FINE) });
  await world.read(0x50);
  await world.read(8);
  jammed = true;
  await world.reads(8, 5);
  assert.deepEqual(world.said(), [], 'the other may be well');
  await world.clock.advance(10 * MINUTE_MS);
  await world.reads(8, 10);
  assert.deepEqual(world.said().slice(0, 3), ['bus.pause', 'bus.reopen', 'bus.down']);
});

test('a dumb bus is helped, whatever was heard once', async () => {
  let dumb = false;
  const world = await opened({ behaviour: () => (dumb ? failing('no_ack') : FINE) });
  await world.read(0x50);
  await world.clock.advance(10 * MINUTE_MS);
  await world.read(8);
  await world.read(9);
  dumb = true;
  for (let n = 0; n < 3; n += 1) {
    await world.read(8);
    await world.read(9);
  }
  assert.deepEqual(world.said().slice(0, 1), ['bus.reopen']);
});

test('sensors that do not acknowledge while they measure are not taken for a dumb bus', async () => {
  const clock = new FakeClock();
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  slow:
    samples: [{ every: 1s, write: [0x24, 0x00], delay: 20ms, read: 1, fields: { t: { type: uint8 } }, until_ready: { no_ack: true, again: 10ms, within: 900ms } }]
devices: { one: { type: slow, bus: main, address: 8 }, two: { type: slow, bus: main, address: 9 } }`;
  const askedMs = new Map<number, number>();
  const world = await opened({
    clock,
    behaviour: ({ address, write }) => {
      if (write !== undefined) askedMs.set(address, clock.monotonicMs());
      const measures = clock.monotonicMs() - (askedMs.get(address) ?? 0) < 400;
      return write === undefined && measures ? failing('no_ack') : FINE;
    },
  });
  const queue = new BusQueue({ bus: world.bus, clock, limit: 64 });
  const [one, two] = [...parseConfig(yaml, 'f.yaml').devices.values()].map((device) => ({
    sample: device.type.samples[0],
    client: new DeviceClient(device, queue, clock),
  }));
  assert.ok(one?.sample !== undefined && two?.sample !== undefined);
  for (let n = 0; n < 5; n += 1) {
    const reads: Promise<Reading[]> = Promise.all([one.client.read(one.sample), two.client.read(two.sample)]);
    await clock.advance(1000);
    assert.deepEqual(
      (await reads).map(({ values }) => values),
      [{ t: 1 }, { t: 1 }],
    );
  }
  assert.deepEqual([world.said(), world.opened.length], [[], 1]);
});
