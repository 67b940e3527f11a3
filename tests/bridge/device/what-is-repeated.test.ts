// After a fault of the bus only what does no harm twice is sent again: from a device's description down to the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { MuxBus } from '../../../bridge/bus/mux.js';
import { RawAccess } from '../../../bridge/requests/raw-access.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { failing, FINE, setUp } from '../../support/bus/recovering-world.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  lamp:
    identify: { write: [0x01], read: 1, expect: [0x01] }
    samples:
      - { every: 1s, write: [0x10], read: 1, fields: { a: { type: uint8 } } }
      - { every: 1s, write: [0x11], delay: 10ms, read: 1, fields: { b: { type: uint8 } } }
    commands:
      dim: { args: { level: { type: uint8 } }, write: [0x20, $level], idempotent: true }
      step: { args: { by: { type: uint8 } }, write: [0x30, $by] }
devices: { lamp-1: { type: lamp, bus: main, address: 0x18, behind: { mux: 0x70, channel: 2 } } }
`;
const TURN = { deadlineMs: 1000, refuse: () => undefined };

/** Every transaction with the lamp breaks off the first time. */
async function noisy() {
  const clock = new FakeClock();
  const seen: string[] = [];
  let calls = 0;
  const world = setUp({
    clock,
    behaviour: () => FINE,
    open: () => {
      const wire = new ScriptedBus(clock, ({ address, write }) => {
        if (address === 0x70) return {};
        seen.push(write === undefined ? 'r' : Buffer.from(write).toString('hex'));
        return (calls += 1) % 2 === 1 ? failing('bus_fault') : FINE;
      });
      return Promise.resolve(new MuxBus(wire, [0x70]));
    },
  });
  await world.bus.open();
  const queue = new BusQueue({ bus: world.bus, clock, limit: 8 });
  const { devices } = parseConfig(YAML, 'test.yaml');
  const lamp = devices.get('lamp-1');
  assert.ok(lamp);
  const outcome = async (asked: Promise<unknown>): Promise<string> => {
    const told = asked.then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
    return (await Promise.all([told, clock.advance(1000)]))[0];
  };
  const buses = new Map([['main', { path: '/dev/i2c-1', bus: queue }]]);
  const raw = new RawAccess({ buses, devices, clock, busOf: () => queue });
  return { client: new DeviceClient(lamp, queue, clock), raw, type: lamp.type, seen, outcome };
}

test('an identity, a sample and a sample with a delay are asked again', async () => {
  const { client, type, seen, outcome } = await noisy();
  const [plain, delayed] = type.samples;
  assert.ok(plain !== undefined && delayed !== undefined);
  assert.equal(await outcome(client.identify()), 'done');
  assert.equal(await outcome(client.read(plain)), 'done');
  assert.equal(await outcome(client.read(delayed)), 'done');
  assert.deepEqual(seen, ['01', '01', '10', '10', '11', '11', 'r', 'r']);
});

test('of commands only one that its type calls idempotent is written again', async () => {
  const { client, type, seen, outcome } = await noisy();
  const [dim, step] = ['dim', 'step'].map((name) => type.commands.get(name));
  assert.ok(dim !== undefined && step !== undefined);
  assert.equal(await outcome(client.command(dim, new Map([['level', 7]]), TURN)), 'done');
  assert.deepEqual(seen, ['2007', '2007']);
  assert.equal(await outcome(client.command(step, new Map([['by', 1]]), TURN)), 'bus_fault');
  assert.deepEqual(seen, ['2007', '2007', '3001']);
});

test('raw bytes are written once, and only a read without a write is repeated', async () => {
  const { raw, seen, outcome } = await noisy();
  assert.equal(await outcome(raw.read({ device: 'lamp-1', read: 1 })), 'done');
  assert.equal(await outcome(raw.write({ device: 'lamp-1', write: '30 01' })), 'bus_fault');
  assert.deepEqual(seen, ['r', 'r', '3001']);
});
