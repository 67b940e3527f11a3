import assert from 'node:assert/strict';
import { test } from 'node:test';
import { i2cBusContract } from '../../../contracts/i2c-bus.js';
import { AT } from './fake-driver.js';
import { calls, openFakeBus } from './open-fake-bus.js';

i2cBusContract('Linux bus', async (t) => {
  const { bus } = await openFakeBus(t);
  return { bus, address: AT.registers, absentAddress: AT.absent, repeatedStart: true };
});

test('each kind of transaction is the driver call that makes it on the wire', async (t) => {
  const { bus, journal } = await openFakeBus(t);
  const address = AT.registers;
  const write = Uint8Array.of(0x10);
  await bus.transfer({ address, write });
  await bus.transfer({ address, readLength: 3 });
  await bus.transfer({ address, write, readLength: 3 });
  await bus.transfer({ address, write, readLength: 3, repeatedStart: true });
  await bus.transfer({ address, write: new Uint8Array() });
  await bus.transfer({ address });
  assert.deepEqual(calls(await journal()), [
    'i2cWrite 8',
    'i2cRead 8',
    'i2cWrite 8',
    'i2cRead 8',
    'readI2cBlock 8',
    'writeQuick 0 8',
    'writeQuick 0 8',
  ]);
});

test('an adapter without block reads does a repeated START for one byte and for two', async (t) => {
  const { bus, journal } = await openFakeBus(t, { functions: 'i2c,byte,word' });
  const address = AT.registers;
  const write = Uint8Array.of(0x10);
  await bus.transfer({ address, write: Uint8Array.of(0x10, 0x34, 0x12) });
  const read = { address, write, repeatedStart: true };
  assert.deepEqual([...(await bus.transfer({ ...read, readLength: 1 }))], [0x34]);
  assert.deepEqual([...(await bus.transfer({ ...read, readLength: 2 }))], [0x34, 0x12]);
  await assert.rejects(bus.transfer({ ...read, readLength: 3 }), {
    code: 'unsupported',
    message: /repeated_start: false/,
  });
  assert.deepEqual(calls(await journal()), ['i2cWrite 8', 'readByte 8', 'readWord 8']);
});

test('what an adapter cannot do is refused in words before the wire', async (t) => {
  const { bus, journal } = await openFakeBus(t, { functions: 'byte' });
  const address = AT.registers;
  for (const transaction of [
    { address, readLength: 1 },
    { address, write: Uint8Array.of(1) },
    { address, write: Uint8Array.of(1), readLength: 1 },
    { address, write: new Uint8Array() },
  ])
    await assert.rejects(bus.transfer(transaction), { code: 'unsupported', message: /cannot do/ });
  assert.deepEqual(calls(await journal()), []);
});

test('what i2c-bus cannot do with a repeated START is refused before the wire, with what to do', async (t) => {
  const { bus, journal } = await openFakeBus(t);
  const read = { address: AT.registers, repeatedStart: true };
  await assert.rejects(bus.transfer({ ...read, write: Uint8Array.of(1, 2), readLength: 1 }), {
    code: 'unsupported',
    message: /exactly one byte .* not 2\. Set repeated_start: false/,
  });
  await assert.rejects(bus.transfer({ ...read, write: Uint8Array.of(1), readLength: 33 }), {
    code: 'too_large',
    message: /at most 32 bytes .* not 33\. Set repeated_start: false/,
  });
  await assert.rejects(bus.transfer({ address: 0x80, readLength: 1 }), { code: 'unsupported' });
  await assert.rejects(bus.transfer({ address: AT.registers, readLength: 8193 }), { code: 'too_large' });
  assert.deepEqual(calls(await journal()), []);
});

test('fewer bytes than asked for are a fault, not a reading', async (t) => {
  const { bus } = await openFakeBus(t);
  const address = AT.short;
  const fault = { code: 'bus_fault', message: /only 3 of 4 bytes/ };
  await assert.rejects(bus.transfer({ address, readLength: 4 }), fault);
  await assert.rejects(bus.transfer({ address, write: new Uint8Array(4) }), fault);
  const write = Uint8Array.of(1);
  await assert.rejects(bus.transfer({ address, write, readLength: 4, repeatedStart: true }), fault);
});

test('transactions handed over together run one after the other, in their order', async (t) => {
  const { bus, journal } = await openFakeBus(t, { ms: 2 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      bus.transfer({ address: AT.registers, write: Uint8Array.of(index, index), readLength: 1 }),
    ),
  );
  assert.equal(answers.length, 20);
  const wire = (await journal()).filter((line) => /^(begin|end)/.test(line));
  for (const [index, line] of wire.entries()) assert.equal(line.startsWith('begin'), index % 2 === 0, line);
  const registers = await bus.transfer({ address: AT.registers, write: Uint8Array.of(0), readLength: 20 });
  assert.deepEqual([...registers], [...Array(20).keys()]);
});

test('more than its limit is not taken', async (t) => {
  const limits = { handed: 2 };
  const { bus } = await openFakeBus(t, {}, { limits });
  const one = (): Promise<Uint8Array> => bus.transfer({ address: AT.registers, readLength: 1 });
  const taken = [one(), one()];
  await assert.rejects(one(), { code: 'queue_full' });
  await Promise.all(taken);
  await one();
});

test('every transaction is a line of the log, with its bytes', async (t) => {
  const { bus, log } = await openFakeBus(t);
  await bus.transfer({ address: AT.registers, write: Uint8Array.of(0x10, 0xab) });
  await bus.transfer({ address: AT.registers, write: Uint8Array.of(0x10), readLength: 1 });
  await assert.rejects(bus.transfer({ address: AT.absent, readLength: 1 }));
  const lines = log.saying('transaction').map(({ fields }) => ({ ...fields, ms: typeof fields['ms'] }));
  assert.deepEqual(lines, [
    { address: '0x08', write: '10ab', outcome: 'ok', read: '', ms: 'number' },
    { address: '0x08', write: '10', outcome: 'ok', read: 'ab', ms: 'number' },
    {
      address: '0x50',
      outcome: 'no_ack',
      reason: 'At 0x50 on /dev/i2c-1: no acknowledgement (EREMOTEIO).',
      ms: 'number',
    },
  ]);
});
