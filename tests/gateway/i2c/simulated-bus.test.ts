import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import { i2cBusContract } from '../../contracts/i2c-bus.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { RegisterTarget } from '../../support/bus/register-target.js';

const ADDRESS = 0x08;

function busWithTarget(options: { bitsPerSecond?: number } = {}) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const target = new RegisterTarget();
  const bus = new SimulatedBus({ clock, log, ...options });
  bus.attach(ADDRESS, target);
  return { bus, clock, log, target };
}

i2cBusContract('simulated bus', () => {
  const { bus } = busWithTarget();
  return Promise.resolve({ bus, address: ADDRESS, absentAddress: 0x50, repeatedStart: true });
});

test('a transaction that begins while another runs is refused as bus_fault, counted and logged', async () => {
  const { bus, log } = busWithTarget();
  const first = bus.transfer({ address: ADDRESS, readLength: 2 });
  await assert.rejects(bus.transfer({ address: ADDRESS, readLength: 1 }), {
    name: 'GatewayError',
    code: 'bus_fault',
  });
  assert.equal((await first).length, 2);
  assert.equal(bus.overlaps, 1);
  assert.equal(log.lines.filter((line) => line.level === 'error').length, 1);
  await bus.transfer({ address: ADDRESS, readLength: 1 });
  assert.equal(bus.overlaps, 1);
});

test('a transaction that failed leaves the bus free for the next', async () => {
  const { bus } = busWithTarget();
  await assert.rejects(bus.transfer({ address: 0x50, readLength: 1 }), { code: 'no_ack' });
  await bus.transfer({ address: ADDRESS, readLength: 1 });
  assert.equal(bus.overlaps, 0);
});

test('with a speed, a transaction takes the time of its bits', async () => {
  const { bus, clock } = busWithTarget({ bitsPerSecond: 100_000 });
  let ended = false;
  const running = bus.transfer({ address: ADDRESS, write: Uint8Array.of(0x10), readLength: 6 }).then(() => {
    ended = true;
  });
  // 2 + 7 bytes of 9 bits, two STARTs and STOPs: 85 bits.
  await clock.advance(0.84);
  assert.equal(ended, false);
  await clock.advance(0.02);
  assert.equal(ended, true);
  await running;
});

test('between write and read stands a STOP, or with repeatedStart none', async () => {
  const { bus, target } = busWithTarget();
  const write = Uint8Array.of(0x10);
  await bus.transfer({ address: ADDRESS, write, readLength: 2 });
  const read = ['start:read', 'send:ack', 'send:nack', 'stop'];
  assert.deepEqual(target.steps.splice(0), ['start:write', 'receive', 'stop', ...read]);
  await bus.transfer({ address: ADDRESS, write, readLength: 2, repeatedStart: true });
  assert.deepEqual(target.steps.splice(0), ['start:write', 'receive', ...read]);
});

test('a target may refuse its address or a byte: no_ack, and the transaction is ended by a STOP', async () => {
  const { bus, target } = busWithTarget();
  target.acceptedBytes = 2;
  await assert.rejects(bus.transfer({ address: ADDRESS, write: Uint8Array.of(1, 2, 3) }), {
    code: 'no_ack',
    message: 'No acknowledgement at 0x08: the device refused byte 3 of 3.',
  });
  assert.equal(target.steps.at(-1), 'stop');
  target.acknowledgesAddress = false;
  await assert.rejects(bus.transfer({ address: ADDRESS, readLength: 1 }), { code: 'no_ack' });
  assert.equal(target.steps.at(-1), 'stop');
});

test('a target pulled out is not acknowledged, and put back it is the same as before', async () => {
  const { bus } = busWithTarget();
  await bus.transfer({ address: ADDRESS, write: Uint8Array.of(0x20, 42) });
  const pulled = bus.detach(ADDRESS);
  assert.ok(pulled);
  await assert.rejects(bus.transfer({ address: ADDRESS, readLength: 1 }), { code: 'no_ack' });
  bus.attach(ADDRESS, pulled);
  const bytes = await bus.transfer({ address: ADDRESS, write: Uint8Array.of(0x20), readLength: 1 });
  assert.deepEqual([...bytes], [42]);
});

test('every transaction is logged at debug level with its bytes and its outcome', async () => {
  const { bus, log } = busWithTarget();
  await bus.transfer({ address: ADDRESS, write: Uint8Array.of(0x20, 0xab) });
  await bus.transfer({ address: ADDRESS, write: Uint8Array.of(0x20), readLength: 2 });
  await assert.rejects(bus.transfer({ address: 0x50, readLength: 1 }));
  assert.deepEqual(
    log.lines.map(({ level, fields }) => [
      level,
      fields['address'],
      fields['write'],
      fields['read'],
      fields['outcome'],
    ]),
    [
      ['debug', '0x08', '20ab', '', 'ok'],
      ['debug', '0x08', '20', 'ab00', 'ok'],
      ['debug', '0x50', undefined, undefined, 'no_ack'],
    ],
  );
});
