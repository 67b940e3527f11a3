// A driver like i2c-bus whose every transaction takes a millisecond, and which tells how long it was busy altogether.
import type { AdapterFunctions, DriverBus } from '../../gateway/i2c/linux/driver.js';

const TRANSACTION_MS = 1;
export const BUSY_BYTES = 8;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let busyMs = 0;

class TimedBus implements DriverBus {
  i2cFuncsSync(): AdapterFunctions {
    return { i2c: true, smbusQuick: true, smbusReadByte: true, smbusReadWord: true, smbusReadI2cBlock: true };
  }

  i2cReadSync(_address: number, length: number, buffer: Buffer): number {
    const begin = performance.now();
    Atomics.wait(sleeper, 0, 0, TRANSACTION_MS);
    busyMs += performance.now() - begin;
    buffer.writeDoubleLE(busyMs, 0);
    return length;
  }

  i2cWriteSync(_address: number, length: number): number {
    return length;
  }

  writeQuickSync(): void {
    // Nobody is there to be asked.
  }

  readByteSync(): number {
    return 0;
  }

  readWordSync(): number {
    return 0;
  }

  readI2cBlockSync(_address: number, _register: number, length: number): number {
    return length;
  }

  closeSync(): void {
    // Nothing is open.
  }
}

export function openSync(): DriverBus {
  return new TimedBus();
}
