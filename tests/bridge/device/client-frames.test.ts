// Identity and reading back are read as carefully as samples: checks, echoes and pauses are theirs as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  lamp:
    identify: { write: [0x01], read: 3, expect: [0x54, 0x02], check: { kind: crc8 } }
    commands:
      colour:
        args: { red: { type: uint8 }, green: { type: uint8 }, blue: { type: uint8 } }
        write: [0x20, $red, $green, $blue]
        verify: { write: [0x20], read: 3, equals: [$red, $green, $blue] }
      dim:
        args: { level: { type: uint8 } }
        write: [0x30, $level]
        idempotent: true
        verify: { write: [0x30], read: 3, delay: 20ms, echo: 1, check: { kind: crc8 }, equals: $level }
devices: { lamp-1: { type: lamp, bus: main, address: 0x18 } }
`;
const NEVER = { deadlineMs: 1000, refuse: () => undefined };

function lamp(reply: readonly number[]) {
  const clock = new FakeClock();
  const atMs: number[] = [];
  const bus = new ScriptedBus(clock, ({ readLength }) => {
    atMs.push(clock.monotonicMs());
    return { bytes: readLength === undefined ? [] : reply };
  });
  const device = parseConfig(YAML, 'test.yaml').devices.get('lamp-1');
  assert.ok(device);
  const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
  const timed = async <T>(promise: Promise<T>): Promise<T> =>
    (await Promise.all([promise, clock.advance(1000)]))[0];
  const command = (name: string, args: Readonly<Record<string, number>>): Promise<void> => {
    const spec = device.type.commands.get(name);
    assert.ok(spec);
    return timed(client.command(spec, new Map(Object.entries(args)), NEVER));
  };
  return { bus, atMs, command, identify: () => timed(client.identify()) };
}

test('an identity with a checksum that holds is believed, and the checksum is no part of it', async () => {
  await lamp([0x54, 0x02, 0x56]).identify();
});

for (const [name, reply, message] of [
  ['a wrong checksum', [0x54, 0x02, 0x00], /Could not be identified: The checksum of 54 02 00/],
  ['another identity', [0x54, 0x03, 0x51], /Identified itself as 54 03, expected 54 02/],
  ['nothing to say', [0x00, 0xff, 0xff], /Could not be identified: .*nothing to say/],
] as const)
  test(`a device is not the described one with ${name}`, async () => {
    await assert.rejects(lamp(reply).identify(), { code: 'wrong_identity', message });
  });

test('reading back may have an echo, a checksum and a pause of its own', async () => {
  const { command, bus, atMs } = lamp([0x30, 0x07, 0xec]);
  await command('dim', { level: 7 });
  assert.deepEqual(
    bus.seen.map(({ write, readLength }) => [write === undefined ? [] : [...write], readLength]),
    [
      [[0x30, 7], undefined],
      [[0x30], undefined],
      [[], 3],
    ],
  );
  assert.deepEqual(atMs, [0, 0, 20]);
});

test('what is read back well and is another value does not verify', async () => {
  await assert.rejects(lamp([0x30, 0x07, 0xec]).command('dim', { level: 8 }), {
    code: 'verify_failed',
    message: /read back 07 instead of 08/,
  });
});

test('what is read back with a wrong checksum does not verify', async () => {
  await assert.rejects(lamp([0x30, 0x07, 0x00]).command('dim', { level: 7 }), {
    code: 'verify_failed',
    message: /could not read it back: The checksum/,
    seen: Uint8Array.of(0x30, 0x07, 0x00),
  });
});

test('a lamp that was told FF FF FF may say FF FF FF, and only then', async () => {
  const { command } = lamp([0xff, 0xff, 0xff]);
  await command('colour', { red: 255, green: 255, blue: 255 });
  await assert.rejects(command('colour', { red: 255, green: 0, blue: 0 }), { code: 'verify_failed' });
});
