// What the wire hands to the driver, and when: a driver whose calls end when the test says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterFunctions, BlockingCalls, DriverBus } from '../../../../gateway/i2c/linux/driver.js';
import { Wire } from '../../../../gateway/i2c/linux/wire.js';
import { settled } from '../../../support/fake-clock.js';

const FUNCTIONS: AdapterFunctions = {
  i2c: true,
  smbusQuick: true,
  smbusReadByte: true,
  smbusReadWord: true,
  smbusReadI2cBlock: true,
};

/** What was called and has not ended, oldest first. */
class HeldDriver implements DriverBus {
  readonly pending: string[] = [];
  /** Calls that ended before they returned. */
  readonly blocked: string[] = [];
  readonly #ends: (() => void)[] = [];

  i2cFuncs(): Promise<AdapterFunctions> {
    return Promise.resolve(FUNCTIONS);
  }
  async i2cWrite(address: number, length: number): Promise<{ bytesWritten: number }> {
    await this.#held(`write ${String(address)}`);
    return { bytesWritten: length };
  }
  async i2cRead(address: number, length: number): Promise<{ bytesRead: number }> {
    await this.#held(`read ${String(address)}`);
    return { bytesRead: length };
  }
  async readI2cBlock(address: number, _register: number, length: number): Promise<{ bytesRead: number }> {
    await this.#held(`block ${String(address)}`);
    return { bytesRead: length };
  }
  readByte(address: number): Promise<number> {
    return this.#held(`byte ${String(address)}`).then(() => 0);
  }
  readWord(address: number): Promise<number> {
    return this.#held(`word ${String(address)}`).then(() => 0);
  }
  writeQuick(address: number): Promise<void> {
    return this.#held(`quick ${String(address)}`);
  }
  bus(): BlockingCalls {
    const blocks = (call: string): number => {
      this.blocked.push(call);
      return 1;
    };
    return {
      i2cWriteSync: (address) => blocks(`write ${String(address)}`),
      i2cReadSync: (address) => blocks(`read ${String(address)}`),
      writeQuickSync: (address) => blocks(`quick ${String(address)}`),
      readByteSync: (address) => blocks(`byte ${String(address)}`),
      readWordSync: (address) => blocks(`word ${String(address)}`),
      readI2cBlockSync: (address) => blocks(`block ${String(address)}`),
    };
  }
  close(): Promise<void> {
    return this.#held('close');
  }

  /** The oldest call ends. */
  async end(): Promise<void> {
    this.pending.shift();
    this.#ends.shift()?.();
    await settled();
  }

  #held(call: string): Promise<void> {
    this.pending.push(call);
    return new Promise((resolve) => {
      this.#ends.push(resolve);
    });
  }
}

async function setUp(...known: number[]): Promise<{ readonly driver: HeldDriver; readonly wire: Wire }> {
  const driver = new HeldDriver();
  const wire = new Wire({ openPromisified: () => Promise.resolve(driver) }, 1);
  await wire.open();
  for (const address of known) {
    const done = wire.run({ address, readLength: 1 });
    await settled();
    await driver.end();
    await done;
  }
  return { driver, wire };
}

const read = (address: number) => ({ address, readLength: 1 });

test('the next transaction waits in the driver while the last call of one runs', async () => {
  const { driver, wire } = await setUp(1, 2);
  const both = [wire.run({ ...read(1), write: Uint8Array.of(0) }), wire.run(read(2))];
  await settled();
  assert.deepEqual(driver.pending, ['write 1']);
  await driver.end();
  assert.deepEqual(driver.pending, ['read 1', 'read 2']);
  await driver.end();
  await driver.end();
  assert.equal((await Promise.all(both)).length, 2);
});

test('an address that is new has the driver for itself until it has answered', async () => {
  const { driver, wire } = await setUp(2);
  const both = [wire.run(read(1)), wire.run(read(2)), wire.run(read(1))];
  await settled();
  assert.deepEqual(driver.pending, ['read 1']);
  await driver.end();
  assert.deepEqual(driver.pending, ['read 2', 'read 1']);
  await driver.end();
  await driver.end();
  await Promise.all(both);
});

test('what is alone blocks the thread, at an address that has answered before', async () => {
  const { driver, wire } = await setUp(2);
  await wire.run({ ...read(2), write: Uint8Array.of(0) }, true);
  await wire.run({ address: 2, write: Uint8Array.of(0), readLength: 1, repeatedStart: true }, true);
  assert.deepEqual([driver.pending, driver.blocked], [[], ['write 2', 'read 2', 'block 2']]);
  const unknown = wire.run(read(1), true);
  await settled();
  assert.deepEqual(driver.pending, ['read 1']);
  await driver.end();
  await unknown;
});
