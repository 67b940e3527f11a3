import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { transferFault } from '../../../../gateway/i2c/linux/errno.js';
import { kernelDriverAt } from '../../../../gateway/i2c/linux/kernel-driver.js';
import type { ErrorCode } from '../../../../shared/errors.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { AT } from './fake-driver.js';
import { calls, openFakeBus } from './open-fake-bus.js';

const { errno } = constants;
const EREMOTEIO = 121;

const EXPECTED: readonly (readonly [number, ErrorCode])[] = [
  [errno.ENXIO, 'no_ack'],
  [EREMOTEIO, 'no_ack'],
  [errno.ETIMEDOUT, 'timeout'],
  [errno.ETIME, 'timeout'],
  [errno.EAGAIN, 'bus_fault'],
  [errno.EIO, 'bus_fault'],
  [errno.EPROTO, 'bus_fault'],
  [errno.EBADMSG, 'bus_fault'],
  [errno.EBUSY, 'bus_fault'],
  [errno.ENOMEM, 'bus_fault'],
  [errno.EOPNOTSUPP, 'unsupported'],
  [errno.EINVAL, 'unsupported'],
  [errno.ENODEV, 'bus_unavailable'],
  [errno.EBADF, 'bus_unavailable'],
  [108, 'bus_unavailable'],
];

for (const [number, code] of EXPECTED)
  test(`errno ${String(number)} is ${code}, be it negative or positive, and the bus goes on`, async (t) => {
    const { bus } = await openFakeBus(t, { errno: number });
    const address = AT.failing;
    await assert.rejects(bus.transfer({ address, readLength: 1 }), { name: 'GatewayError', code });
    await assert.rejects(bus.transfer({ address, readLength: 1 }), (error: Error) => {
      // What the kernel means by it, and the name to search for; ENOMEM has no meaning on a bus.
      assert.equal(error.message.includes(': the transfer failed ('), number === errno.ENOMEM, error.message);
      assert.match(error.message, /^At 0x30 on \/dev\/i2c-1: .+ \(E[A-Z0-9]+\)\.$/);
      return true;
    });
    const write = Uint8Array.of(1);
    const smbus = bus.transfer({ address, write, readLength: 1, repeatedStart: true });
    await assert.rejects(smbus, { name: 'GatewayError', code });
    await bus.transfer({ address: AT.registers, readLength: 1 });
  });

test('an address that the kernel holds stays claimed: no later call goes to address 0', async (t) => {
  const { bus, journal } = await openFakeBus(t);
  for (let time = 0; time < 3; time += 1)
    await assert.rejects(bus.transfer({ address: AT.claimed, readLength: 1 }), {
      code: 'address_claimed',
      message: /^0x68 on \/dev\/i2c-1 is held by a driver of the kernel\..*1-0068/,
    });
  await bus.transfer({ address: AT.registers, readLength: 1 });
  assert.deepEqual(calls(await journal()), ['i2cRead 8']);
});

test("the kernel's driver at an address is named, with the command that releases it", async (t) => {
  const devices = await temporaryFolder(t);
  await mkdir(join(devices, '1-0068'));
  await symlink('../../../../bus/i2c/drivers/rtc-ds1307', join(devices, '1-0068', 'driver'));
  const busy = Object.assign(new Error('EBUSY'), { errno: errno.EBUSY, syscall: 'setAddr' });
  const holder = (place: { busNumber: number; address: number }): string | undefined =>
    kernelDriverAt(place, devices);
  const { error } = transferFault(busy, { busNumber: 1, address: 0x68 }, holder);
  assert.match(error.message, /held by the kernel's driver rtc-ds1307\./);
  assert.match(error.message, /echo 1-0068 \| sudo tee \/sys\/bus\/i2c\/drivers\/rtc-ds1307\/unbind/);
  assert.equal(kernelDriverAt({ busNumber: 1, address: 0x20 }, devices), undefined);
});

test('after the adapter has gone the bus is opened anew at the next transaction', async (t) => {
  const { bus, journal } = await openFakeBus(t, { errno: errno.ENODEV });
  await assert.rejects(bus.transfer({ address: AT.failing, readLength: 1 }), { code: 'bus_unavailable' });
  await bus.transfer({ address: AT.registers, readLength: 1 });
  const opened = (await journal()).filter((line) => /^(open|close)/.test(line));
  assert.deepEqual(opened, ['openPromisified 1', 'open', 'close', 'openPromisified 1', 'open']);
});

test('signals that reach every process of the gateway leave the bus open', async (t) => {
  const { bus, journal } = await openFakeBus(t);
  const pid = Number(/^pid (\d+)$/m.exec((await journal()).join('\n'))?.[1]);
  process.kill(pid, 'SIGTERM');
  process.kill(pid, 'SIGINT');
  assert.equal((await bus.transfer({ address: AT.registers, readLength: 1 })).length, 1);
});

test('a bus process that dies fails what runs and what waits, is told once, and takes nothing more', async (t) => {
  const { bus, failures } = await openFakeBus(t);
  const fault = { code: 'bus_fault', message: /process of \/dev\/i2c-1 ended: exit code 7/ };
  const ran = bus.transfer({ address: AT.deadly, readLength: 1 });
  const waited = bus.transfer({ address: AT.registers, readLength: 1 });
  await assert.rejects(ran, fault);
  await assert.rejects(waited, { code: 'overdue', untried: true });
  await until('the failure', () => failures.length > 0);
  await assert.rejects(bus.transfer({ address: AT.registers, readLength: 1 }), fault);
  await bus.close();
  assert.equal(failures.length, 1);
});
