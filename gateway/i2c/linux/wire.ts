// The one place where transactions meet the driver: synchronously, so never two at once. Runs in the bus process.
import { statSync } from 'node:fs';
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { busPathOf, hexAddress } from './bus-path.js';
import type { AdapterFunctions, Driver, DriverBus } from './driver.js';
import { goneError, openError, transferFault } from './errno.js';
import { kernelDriverAt } from './kernel-driver.js';

interface OpenBus {
  readonly bus: DriverBus;
  readonly functions: AdapterFunctions;
  /** Which file /dev/i2c-N was; undefined where there is none, as with a driver that is not the kernel's. */
  readonly node: number | undefined;
}

export class Wire {
  readonly #driver: Driver;
  readonly #busNumber: number;
  #open: OpenBus | undefined;

  constructor(driver: Driver, busNumber: number) {
    this.#driver = driver;
    this.#busNumber = busNumber;
  }

  /** Throws bus_unavailable. */
  open(): void {
    this.#opened();
  }

  /** Blocks until the wire is free again; the bytes read. Throws GatewayError. The transaction was checked before. */
  run(transaction: I2cTransaction): Uint8Array {
    const { bus, functions, node } = this.#opened();
    const { address } = transaction;
    try {
      return this.#perform(bus, functions, transaction);
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      const fault = transferFault(thrown, { busNumber: this.#busNumber, address }, kernelDriverAt);
      if (this.#isGone(node)) throw this.#dropAfter(goneError(fault.error, this.#busNumber));
      throw fault.reopen ? this.#dropAfter(fault.error) : fault.error;
    }
  }

  /**
   * Of an adapter that was unplugged, drivers say what they like: i2c-tiny-usb EIO, i2c-robotfuzz-osif EREMOTEIO. The
   * kernel takes its file away; and waits until nobody has it open before it looks at what is plugged in next.
   */
  #isGone(node: number | undefined): boolean {
    return node !== undefined && nodeOf(this.#busNumber) !== node;
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.bus.closeSync();
  }

  #opened(): OpenBus {
    if (this.#open !== undefined) return this.#open;
    const bus = this.#driver.openSync(this.#busNumber);
    try {
      // openSync opens nothing, and succeeds for a bus that does not exist: this is the first call that tells.
      this.#open = { bus, functions: bus.i2cFuncsSync(), node: nodeOf(this.#busNumber) };
    } catch (thrown) {
      bus.closeSync();
      throw openError(thrown, this.#busNumber);
    }
    return this.#open;
  }

  /** The next transaction opens the bus anew. */
  #dropAfter(error: GatewayError): GatewayError {
    try {
      this.close();
      return error;
    } catch (cause) {
      return new GatewayError(error.code, `${error.message} Closing the bus failed as well.`, { cause });
    }
  }

  #perform(bus: DriverBus, functions: AdapterFunctions, transaction: I2cTransaction): Uint8Array {
    const { address, write, readLength = 0, repeatedStart = false } = transaction;
    if (repeatedStart && write?.[0] !== undefined && readLength > 0)
      return this.#readRegister(bus, functions, { address, register: write[0], readLength });
    if (write === undefined ? readLength === 0 : write.length === 0) this.#touch(bus, functions, address);
    else if (write !== undefined) this.#write(bus, functions, { address, bytes: write });
    return readLength === 0 ? new Uint8Array() : this.#read(bus, functions, { address, readLength });
  }

  #write(
    bus: DriverBus,
    functions: AdapterFunctions,
    { address, bytes }: { readonly address: number; readonly bytes: Uint8Array },
  ): void {
    this.#need(functions.i2c, 'plain writes; only a one-byte write and a read with repeated_start: true');
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const written = bus.i2cWriteSync(address, buffer.length, buffer);
    this.#complete(written, buffer.length, address);
  }

  #read(
    bus: DriverBus,
    functions: AdapterFunctions,
    { address, readLength }: { readonly address: number; readonly readLength: number },
  ): Uint8Array {
    this.#need(functions.i2c, 'plain reads; only a one-byte write and a read with repeated_start: true');
    const buffer = Buffer.alloc(readLength);
    this.#complete(bus.i2cReadSync(address, readLength, buffer), readLength, address);
    return buffer;
  }

  /** An address and a STOP. Of all ways to ask who is there, the one that makes an Arduino run the least. */
  #touch(bus: DriverBus, functions: AdapterFunctions, address: number): void {
    this.#need(functions.smbusQuick, 'empty writes; write or read at least one byte');
    bus.writeQuickSync(address, 0);
  }

  /** One byte, a repeated START and a read: what SMBus calls a byte, a word or a block is the same on the wire. */
  #readRegister(
    bus: DriverBus,
    functions: AdapterFunctions,
    read: { readonly address: number; readonly register: number; readonly readLength: number },
  ): Uint8Array {
    const { address, register, readLength } = read;
    if (functions.smbusReadI2cBlock) {
      const buffer = Buffer.alloc(readLength);
      this.#complete(bus.readI2cBlockSync(address, register, readLength, buffer), readLength, address);
      return buffer;
    }
    if (readLength === 1 && functions.smbusReadByte)
      return Uint8Array.of(bus.readByteSync(address, register));
    this.#need(
      readLength === 2 && functions.smbusReadWord,
      `${String(readLength)} bytes after a repeated START; set repeated_start: false`,
    );
    const word = bus.readWordSync(address, register);
    return Uint8Array.of(word & 0xff, word >> 8);
  }

  #need(able: boolean, what: string): void {
    if (able) return;
    throw new GatewayError('unsupported', `The adapter of ${busPathOf(this.#busNumber)} cannot do ${what}.`);
  }

  #complete(moved: number, asked: number, address: number): void {
    if (moved === asked) return;
    const where = `${hexAddress(address)} on ${busPathOf(this.#busNumber)}`;
    throw new GatewayError(
      'bus_fault',
      `At ${where}: only ${String(moved)} of ${String(asked)} bytes moved.`,
    );
  }
}

function nodeOf(busNumber: number): number | undefined {
  return statSync(busPathOf(busNumber), { throwIfNoEntry: false })?.ino;
}
