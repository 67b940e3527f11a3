// A device is described anew, or leaves and comes back, while it is read: what goes on, and what begins again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceClient } from '../../../bridge/device/client.js';
import { Sequences } from '../../../bridge/polling/sequences.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  lamp:
    identify: { write: [0x01], read: 1, expect: [0x4c] }
    on_connect: [{ write: [0x20, 0x05] }]
    samples: [{ every: 1s, write: [0x10], read: 1, fields: { level: { type: uint8 } } }]
devices:
  lamp-1: { type: lamp, bus: main, address: 0x18 }
`;

async function describe(world: PollerWorld, change: (yaml: string) => string): Promise<void> {
  const [device] = parseConfig(change(YAML), 'test.yaml').devices.values();
  const before = world.clients.get('lamp-1');
  assert.ok(device !== undefined && before !== undefined);
  const left = world.poller.leave(before);
  const queue = new BusQueue({ bus: world.bus, clock: world.clock, limit: 8 });
  const client = new DeviceClient(device, queue, world.clock, before);
  world.clients.set('lamp-1', client);
  world.poller.join(client, left);
  await world.clock.advance(100);
}

const seqs = (world: PollerWorld): unknown[] =>
  world.said('lamp-1/telemetry').map((sample) => (sample as { seq?: unknown }).seq);

test('another interval: identified again, not set up again, and its samples are counted on', async (t) => {
  const world = await pollerWorld(t, YAML, () => ({ takesMs: 1, bytes: [0x4c] }));
  await world.poller.start();
  await world.clock.advance(3050);
  const before = world.written();
  assert.equal(before.filter((bytes) => bytes === '2005').length, 1);
  await describe(world, (yaml) => yaml.replace('every: 1s', 'every: 500ms'));
  await world.clock.advance(3000);
  const since = world.written().slice(before.length);
  assert.equal(since[0], '01');
  assert.ok(!since.includes('2005') && since.filter((bytes) => bytes === '10').length >= 6);
  const all = seqs(world);
  assert.deepEqual(all, [...all.keys()]);
});

test('another set-up is made, and a pause goes on', async (t) => {
  const world = await pollerWorld(t, YAML, () => ({ takesMs: 1, bytes: [0x4c] }));
  await world.poller.start();
  await world.clock.advance(1500);
  world.poller.pause('lamp-1', 60_000);
  await world.clock.advance(20_000);
  const before = world.written().length;
  await describe(world, (yaml) => yaml.replace('0x05', '0x06'));
  await world.clock.advance(39_000);
  assert.equal(world.written().length, before);
  await world.clock.advance(2000);
  assert.deepEqual(world.written().slice(before, before + 2), ['01', '2006']);
});

test('a number is given once, also to a device that comes back among thousands', () => {
  const sequences = new Sequences();
  assert.equal(sequences.first('a'), 0);
  sequences.keep('a', 7);
  assert.equal(sequences.first('a'), 7);
  for (let index = 0; index < 1000; index += 1) sequences.keep(`b-${String(index)}`, 3);
  assert.equal(sequences.first('a'), 7);
  assert.equal(sequences.first('b-1'), 3);
});
