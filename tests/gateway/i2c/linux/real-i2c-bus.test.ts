// The real i2c-bus on a driver that isn't there: what the fake driver module pretends of it holds of the real one.
import assert from 'node:assert/strict';
import { rmSync, mkdtempSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { loadDriver, REAL_DRIVER } from '../../../../gateway/i2c/linux/driver.js';
import { type LinuxBusWorld, openLinuxBus } from '../../../../gateway/i2c/linux/open.js';
import type { LinuxBus } from '../../../../gateway/i2c/linux/bus.js';
import type { ErrorCode } from '../../../../shared/errors.js';
import type { I2cTransaction } from '../../../../shared/ports.js';
import { i2cBusContract } from '../../../contracts/i2c-bus.js';
import { FakedI2cDev, FAKED_BUS_PATH, NO_FAKED_I2C } from '../../../support/faked-i2c-dev.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';
import { BUS } from './open-fake-bus.js';

const { errno } = constants;
/** So long a wire has nothing to do where another transaction is not seen to follow (bus-process.ts). */
const REST_MS = 10;
const EREMOTEIO = 121;
const AT = { registers: 0x08, absent: 0x50, failing: 0x30, claimed: 0x68, hanging: 0x40 } as const;

const folder = mkdtempSync(join(tmpdir(), 'i2c-mqtt-gateway-'));
const dev = await faked();
const skip = dev === undefined ? NO_FAKED_I2C : false;
// Of this process only the children are preloaded: the processes of the buses.
Object.assign(process.env, dev?.env);
after(() => {
  dev?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Undefined, after saying so loudly, where it can't be made. */
async function faked(): Promise<FakedI2cDev | undefined> {
  try {
    await loadDriver(REAL_DRIVER);
    const made = new FakedI2cDev(folder);
    made.fail(AT.absent, EREMOTEIO);
    return made;
  } catch (thrown) {
    console.error(`\n!!! ${NO_FAKED_I2C}: ${String(thrown)}\n`);
    return undefined;
  }
}

function driver(): FakedI2cDev {
  assert.ok(dev);
  return dev;
}

async function open(t: TestContext, world: Partial<LinuxBusWorld> = {}): Promise<LinuxBus> {
  const onFailure = (error: Error): void => {
    throw error;
  };
  const bus = await openLinuxBus(
    { ...BUS, path: FAKED_BUS_PATH },
    { log: new RecordingLog(), onFailure, ...world },
  );
  t.after(() => bus.close());
  return bus;
}

/** Its process keeps nothing alive that could be waited for. */
async function gone(bus: LinuxBus): Promise<void> {
  let ended = false;
  void bus.ended.then(() => {
    ended = true;
  });
  await until('the end of the bus process', () => ended);
}

describe('over the real i2c-bus', { skip }, () => {
  i2cBusContract('the Linux bus', async (t) => ({
    bus: await open(t),
    address: AT.registers,
    absentAddress: AT.absent,
    repeatedStart: true,
  }));

  test('however many come at once, never two are in the driver', async (t) => {
    const bus = await open(t);
    driver().takes(1);
    const before = driver().transactions;
    const read = { address: AT.registers, readLength: 8 };
    await Promise.all(Array.from({ length: 60 }, () => bus.transfer(read)));
    driver().takes(0);
    assert.deepEqual([driver().transactions - before, driver().overlaps], [60, 0]);
  });

  test('what comes at once runs in its order, also where an address is new, and each address has one file', async (t) => {
    const bus = await open(t);
    const { opens, transactions } = driver();
    const asked = [0x10, 0x11, 0x10, 0x12, 0x10, 0x11, 0x13, 0x12, 0x12];
    const write = Uint8Array.of(1);
    const both = asked.map((address, n) => ({ address, readLength: 2, ...(n % 2 === 0 ? { write } : {}) }));
    await Promise.all(both.map((transaction) => bus.transfer(transaction)));
    const onTheWire = asked.flatMap((address, n) => (n % 2 === 0 ? [address, address] : [address]));
    assert.deepEqual(driver().addressesSince(transactions), onTheWire);
    assert.equal(driver().opens - opens, new Set(asked).size);
  });

  test('an adapter that goes takes nothing of the next transaction with it, and is opened anew', async (t) => {
    const bus = await open(t);
    const read = { address: AT.failing, readLength: 1 };
    await bus.transfer(read);
    await bus.transfer({ address: AT.registers, readLength: 1 });
    driver().fail(AT.failing, errno.ENODEV);
    const { opens } = driver();
    const gone = assert.rejects(bus.transfer(read), { code: 'bus_unavailable' });
    const both = { address: AT.registers, write: Uint8Array.of(1), readLength: 1 };
    await Promise.all([gone, bus.transfer(both), bus.transfer(both)]);
    driver().fail(AT.failing, 0);
    await bus.transfer(read);
    assert.equal(driver().opens - opens, 3);
  });

  test('a transaction that hangs in the driver delays no file and no close', async (t) => {
    let told: () => void = () => undefined;
    const hang = new Promise<void>((resolve) => {
      told = resolve;
    });
    const bus = await open(t, {
      onHang: () => {
        told();
      },
      limits: { patienceMs: 20, closeWithinMs: 20 },
    });
    driver().hang(AT.hanging, true);
    const lost = assert.rejects(bus.transfer({ address: AT.hanging, readLength: 1 }), { code: 'timeout' });
    await hang;
    await Promise.all(Array.from({ length: 50 }, () => stat(folder)));
    await bus.close();
    await lost;
    await gone(bus);
    driver().hang(AT.hanging, false);
  });
});

describe('what the real i2c-bus says of faults', { skip }, () => {
  test('each errno is its code, in plain calls and in SMBus ones, and the bus goes on', async (t) => {
    const expected: readonly (readonly [number, ErrorCode])[] = [
      [errno.ENXIO, 'no_ack'],
      [EREMOTEIO, 'no_ack'],
      [errno.ETIMEDOUT, 'timeout'],
      [errno.EAGAIN, 'bus_fault'],
      [errno.EIO, 'bus_fault'],
      [errno.EBUSY, 'bus_fault'],
      [errno.EOPNOTSUPP, 'unsupported'],
      [errno.ENODEV, 'bus_unavailable'],
    ];
    const bus = await open(t);
    const address = AT.failing;
    const write = Uint8Array.of(1);
    await bus.transfer({ address, readLength: 1 });
    // One behind the other, and on a wire that rested: the bus process has a way for each.
    for (const restMs of [0, REST_MS])
      for (const [number, code] of expected) {
        driver().fail(address, number);
        for (const transaction of [
          { address, readLength: 1 },
          { address, write },
          { address, write: new Uint8Array() },
          { address, write, readLength: 1, repeatedStart: true },
        ]) {
          await new Promise((resolve) => setTimeout(resolve, restMs));
          await assert.rejects(bus.transfer(transaction), { name: 'GatewayError', code });
        }
        driver().fail(address, 0);
        await bus.transfer({ address, readLength: 1 });
      }
  });

  test('an address that the kernel holds is claimed each time, and nothing goes to address 0', async (t) => {
    const bus = await open(t);
    const before = driver().calls(0);
    driver().claim(AT.claimed, errno.EBUSY);
    for (let time = 0; time < 3; time += 1)
      await assert.rejects(bus.transfer({ address: AT.claimed, readLength: 1 }), { code: 'address_claimed' });
    driver().claim(AT.claimed, 0);
    await bus.transfer({ address: AT.claimed, readLength: 1 });
    assert.deepEqual([driver().calls(0) - before, driver().calls(AT.claimed)], [0, 1]);
  });

  test('a bus that may not be opened, or is not there, says what to do', async (t) => {
    t.after(() => {
      driver().refuseOpen(0);
    });
    driver().refuseOpen(errno.EACCES);
    await assert.rejects(open(t), { code: 'bus_unavailable', message: /usermod -aG i2c/ });
    driver().refuseOpen(errno.ENOENT);
    await assert.rejects(open(t), { code: 'bus_unavailable', message: /modprobe i2c-dev/ });
  });
});

describe('on a wire that rested', { skip }, () => {
  test('each kind of transaction says the same on a wire that rested as behind another', async (t) => {
    const bus = await open(t);
    const address = AT.registers;
    await bus.transfer({ address, readLength: 1 });
    const write = Uint8Array.of(7);
    const kinds: readonly I2cTransaction[] = [
      { address, write: Uint8Array.of(7, 1, 2) },
      { address, write },
      { address, readLength: 5 },
      { address, write: new Uint8Array() },
      { address, write, readLength: 5 },
      ...[1, 2, 5].map((readLength) => ({ address, write, readLength, repeatedStart: true })),
    ];
    const together = await Promise.all(kinds.map((kind) => bus.transfer(kind)));
    for (const [index, kind] of kinds.entries()) {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      assert.deepEqual(await bus.transfer(kind), together[index]);
    }
  });

  test('a wire that rested and hangs is given up as any other', async (t) => {
    const bus = await open(t, { limits: { patienceMs: 20, closeWithinMs: 20 } });
    const read = { address: AT.hanging, readLength: 1 };
    await bus.transfer(read);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    driver().hang(AT.hanging, true);
    const before = driver().calls(AT.hanging);
    const lost = assert.rejects(bus.transfer(read), { code: 'timeout' });
    await until('the bus to hang', () => driver().calls(AT.hanging) > before);
    await bus.close();
    await lost;
    await gone(bus);
    driver().hang(AT.hanging, false);
  });
});
