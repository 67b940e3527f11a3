// What Arduino's Wire library does at its limits (docs/architecture.md#arduinos-wire), shown by the real library on the
// simulated chip.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS, arduino, TEST_SKETCHES } from './arduino.js';

function quirks() {
  return arduino(TEST_SKETCHES, 'quirks');
}

/** A write of `length` bytes that begins with a register which counts them. */
function counted(length: number): number[] {
  return [0x06, ...Array<number>(length - 1).fill(0xee)];
}

test('firmware that stretches the clock for 2 ms is waited for', async () => {
  const device = await quirks();
  assert.equal((await device.read(0x01, 1)).toString('hex'), 'a1');
});

test('firmware that is too slow is a timeout, holds the bus meanwhile, and is usable afterwards', async () => {
  const device = await quirks();
  await assert.rejects(device.read(0x02, 1), { code: 'timeout', message: /held the clock low/ });
  await assert.rejects(device.bus.transfer({ address: 0x50, readLength: 1 }), {
    code: 'timeout',
    message: /still holds the clock/,
  });
  // 60 ms of busy firmware, of which 25 are over; a stuck bus lets it run at most 10 a transaction.
  for (let wait = 0; wait < 4; wait += 1) {
    await device.clock.advance(1000);
    await device.bus.transfer({ address: 0x50, readLength: 1 }).catch(() => undefined);
  }
  await assert.rejects(device.bus.transfer({ address: 0x50, readLength: 1 }), { code: 'no_ack' });
  assert.equal((await device.read(0x01, 1)).toString('hex'), 'a1');
});

test('firmware that hangs holds the whole bus until it is pulled out', async () => {
  const device = await quirks();
  await assert.rejects(device.read(0x03, 1), { code: 'timeout' });
  for (let wait = 0; wait < 10; wait += 1) {
    await device.clock.advance(1000);
    await assert.rejects(device.bus.transfer({ address: 0x50, readLength: 1 }), { code: 'timeout' });
  }
  device.bus.detach(ADDRESS);
  await assert.rejects(device.bus.transfer({ address: 0x50, readLength: 1 }), { code: 'no_ack' });
});

test('nothing written in onRequest reads as 00, then FF', async () => {
  const device = await quirks();
  assert.equal((await device.read(0x04, 5)).toString('hex'), '00ffffffff');
});

test('Wire sends 32 bytes; the 33rd is FF', async () => {
  const device = await quirks();
  const reply = await device.read(0x09, 33);
  assert.deepEqual(
    [...reply.subarray(0, 32)],
    Array.from({ length: 32 }, (_, index) => index),
  );
  assert.equal(reply[32], 0xff);
});

test('bytes left unread make the next write vanish', async () => {
  const device = await quirks();
  await device.write(0x05, 1, 2, 3);
  // Firmware never hears of the new register and answers as before.
  assert.equal((await device.read(0x06, 1)).toString('hex'), '55');
});

test('32 bytes are received, and 33 as well, of which the last is lost', async () => {
  const device = await quirks();
  await device.write(...counted(32));
  assert.equal((await device.bus.transfer({ address: ADDRESS, readLength: 1 }))[0], 32);
  await device.write(...counted(33));
  assert.equal((await device.bus.transfer({ address: ADDRESS, readLength: 1 }))[0], 32);
});

test('a 34th byte is refused and leaves the Arduino deaf until it is reset', async () => {
  const device = await quirks();
  await assert.rejects(device.write(...counted(34)), { code: 'no_ack', message: /refused byte 34 of 34/ });
  await device.clock.advance(10_000);
  await assert.rejects(device.read(0x01, 1), { code: 'no_ack' });
});

test('millis keeps the time, however rarely somebody asks', async () => {
  const device = await quirks();
  const before = (await device.read(0x08, 4)).readUInt32LE(0);
  for (const pauseMs of [1, 7, 50, 400, 1000, 1000, 1000]) {
    await device.clock.advance(pauseMs);
    await device.read(0x01, 1);
  }
  const elapsed = (await device.read(0x08, 4)).readUInt32LE(0) - before;
  // Each of the 8 transactions above stretches the clock for 2 ms of the firmware's own time.
  assert.ok(elapsed >= 3450 && elapsed <= 3490, String(elapsed));
});

test('of the time before the first word firmware gets a moment, of every later pause all', async () => {
  const device = await quirks();
  device.target.powerUp();
  await device.clock.advance(1000);
  const first = (await device.read(0x08, 4)).readUInt32LE(0);
  // 20 ms at most until it listens, 60 ms of the time before, and what the two bytes take.
  assert.ok(first >= 55 && first <= 90, String(first));
  await device.clock.advance(1000);
  const later = (await device.read(0x08, 4)).readUInt32LE(0) - first;
  assert.ok(later >= 995 && later <= 1010, String(later));
});

test('a timer of the firmware’s own counts as soon as it is used', async () => {
  const device = await quirks();
  assert.equal((await device.read(0x0a, 2)).readUInt16LE(0), 0);
  await device.clock.advance(1000);
  // Arduino lets timer 1 count to 255 and back, a step in 64 cycles: an overflow in 2.04 ms.
  const overflows = (await device.read(0x0a, 2)).readUInt16LE(0);
  assert.ok(overflows >= 488 && overflows <= 492, String(overflows));
  const counts = new Set<number | undefined>();
  for (let read = 0; read < 5; read += 1) {
    await device.clock.advance(1);
    counts.add((await device.read(0x0b, 1))[0]);
  }
  assert.ok(counts.size > 1, 'timer 2 stands still');
});

test('firmware that wants to be a controller too loses the arbitration and goes on', async () => {
  const device = await quirks();
  await device.read(0x07, 1);
  await device.clock.advance(100);
  // Wire.endTransmission: 4 is "other error".
  assert.equal((await device.read(0x07, 1))[0], 4);
});

test('what firmware prints on its serial port is in the debug log', async () => {
  const device = await quirks();
  await device.read(0x01, 1);
  await device.clock.advance(100);
  await device.read(0x01, 1);
  assert.deepEqual(
    device.log.lines.filter((line) => 'serial' in line.fields).map((line) => line.fields['serial']),
    ['ready'],
  );
});

test('the address alone, as a scan asks, calls no onRequest; reading a byte does', async () => {
  const device = await quirks();
  const timesAsked = async (): Promise<number> => (await device.read(0x0c, 1))[0] ?? -1;
  assert.equal(await timesAsked(), 0);
  await device.bus.transfer({ address: ADDRESS });
  assert.equal(await timesAsked(), 1, 'beside the question itself');
  await device.bus.transfer({ address: ADDRESS, readLength: 1 });
  assert.equal(await timesAsked(), 3);
});
