// The sketch of the example's tank on the simulated Arduino: what its users see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutChecksum } from '../../shared/codec/checksum.js';
import type { SimulatedInput } from '../../shared/config/simulated.js';
import { ADDRESS, arduino, EXAMPLE_SKETCHES } from './arduino.js';

const CRC = { kind: 'crc8', poly: 0x07, init: 0 } as const;
const INPUTS: Record<string, SimulatedInput> = {
  A0: { kind: 'tank', filledBy: 'D9', gain: 0.02, leak: 0, start: 2 },
  A1: { kind: 'wave', mean: 2.1, swing: 0.2, periodMs: 60_000 },
};

function tank() {
  return arduino(EXAMPLE_SKETCHES, 'tank', INPUTS);
}

test('an Arduino identifies itself at the address in its EEPROM', async () => {
  const { target, ...rest } = await tank();
  assert.equal(target.powerUp(), ADDRESS);
  assert.deepEqual(
    [...(await rest.bus.transfer({ address: ADDRESS, write: Uint8Array.of(1), readLength: 2 }))],
    [0x54, 2],
  );
});

test('a reading has the voltages of its pins and the right checksum, by STOP and by repeated START', async () => {
  const device = await tank();
  device.target.powerUp();
  await device.clock.advance(1000);
  for (const repeatedStart of [false, true]) {
    const reply = await device.read(0x10, 6, repeatedStart);
    assert.ok(withoutChecksum(reply, CRC), reply.toString('hex'));
    // 2 V of 5 V are 800 of 2000 mm; 2.1 V and a little more, a second on, are 21 °C of 50. The ADC has 10 bits.
    assert.ok(Math.abs(reply.readUInt16LE(2) - 800) <= 2, String(reply.readUInt16LE(2)));
    assert.ok(Math.abs(reply.readInt16LE(0) - 2121) <= 5, String(reply.readInt16LE(0)));
    assert.equal(reply[4], 0);
  }
});

test('a command acts on the simulated world, and the readings show it', async () => {
  const device = await tank();
  await device.write(0x20, 60);
  assert.equal((await device.read(0x20, 1))[0], 60);
  const before = (await device.read(0x10, 6)).readUInt16LE(2);
  for (let second = 0; second < 10; second += 1)
    await device.clock.advance(1000).then(() => device.read(0x10, 6));
  const reply = await device.read(0x10, 6);
  assert.equal(reply[4], 60);
  // 0.6 × 0.02 V/s × 10 s = 0.12 V = 48 mm.
  assert.ok(
    Math.abs(reply.readUInt16LE(2) - before - 48) <= 3,
    `${String(before)} → ${String(reply.readUInt16LE(2))}`,
  );
});

test('what no sensor is asked for stands still: time passes for an Arduino that nobody talks to', async () => {
  const device = await tank();
  await device.write(0x20, 100);
  await device.read(0x10, 6);
  await device.clock.advance(3_600_000);
  await device.read(0x10, 6);
  // Full after 150 s; 5 V are 1023 of 1023.
  assert.equal((await device.read(0x10, 6)).readUInt16LE(2), 2000);
});

test('reading more than was sent gives FF', async () => {
  const device = await tank();
  assert.equal((await device.read(0x01, 6)).toString('hex'), '5402ffffffff');
});

test('a register the firmware does not know reads as 00, then FF', async () => {
  const device = await tank();
  assert.equal((await device.read(0x7e, 4)).toString('hex'), '00ffffff');
});

test('a probe with an empty message is acknowledged and changes nothing', async () => {
  const device = await tank();
  await device.read(0x01, 2);
  await device.write();
  const reply = await device.bus.transfer({ address: ADDRESS, readLength: 2 });
  assert.equal(Buffer.from(reply).toString('hex'), '5402');
});

test('firmware that listens at another address does not answer', async () => {
  const device = await tank();
  device.bus.attach(0x33, device.target);
  await assert.rejects(device.bus.transfer({ address: 0x33, readLength: 1 }), { code: 'no_ack' });
  assert.equal((await device.read(0x01, 2)).toString('hex'), '5402');
});

test('an Arduino pulled out and put back answers again and has kept its state', async () => {
  const device = await tank();
  await device.write(0x20, 35);
  device.bus.detach(ADDRESS);
  await assert.rejects(device.read(0x20, 1), { code: 'no_ack' });
  await device.clock.advance(5000);
  device.bus.attach(ADDRESS, device.target);
  assert.equal((await device.read(0x20, 1))[0], 35);
});
