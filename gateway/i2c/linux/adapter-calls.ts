// Which calls of the driver make a transaction, on an adapter that can do what it can.
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { busPathOf, hexAddress } from './bus-path.js';
import { inThisTurn } from './blocking-calls.js';
import type { AdapterFunctions, DriverBus, TransferCalls } from './driver.js';

interface Read {
  readonly address: number;
  readonly readLength: number;
}

/** Makes the call; resolves with the bytes read. */
type Call = () => Promise<Uint8Array>;

export class AdapterCalls {
  readonly #bus: DriverBus;
  readonly #inThisTurn: TransferCalls | undefined;
  readonly #functions: AdapterFunctions;
  readonly #busNumber: number;
  /** Addresses that answered, and so have a file of their own in i2c-bus. */
  readonly #known = new Set<number>();

  constructor(bus: DriverBus, functions: AdapterFunctions, busNumber: number) {
    this.#bus = bus;
    const blocking = bus.bus?.();
    this.#inThisTurn = blocking === undefined ? undefined : inThisTurn(blocking);
    this.#functions = functions;
    this.#busNumber = busNumber;
  }

  /**
   * The bytes read. Calls `follow` when the last call is made: what is called then comes after it. Not for a new address:
   * i2c-bus first opens a file for it, a second one when it is called again meanwhile (which is never closed), and calls
   * for other addresses would come first. `alone`: nothing follows for the moment, so that it may block this thread, where
   * the driver can. Rejects with GatewayError, or as the driver did.
   */
  async perform(transaction: I2cTransaction, follow: () => void, alone: boolean): Promise<Uint8Array> {
    const { address } = transaction;
    const calls = alone && this.#known.has(address) ? this.#inThisTurn : undefined;
    const [first, second] = this.#callsOf(transaction, calls ?? this.#bus);
    if (second !== undefined) await first();
    const ended = (second ?? first)();
    if (this.#known.has(address)) follow();
    const bytes = await ended;
    this.#known.add(address);
    return bytes;
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  /** Throws unsupported, before anything is on the wire. */
  #callsOf(
    { address, write, readLength = 0, repeatedStart = false }: I2cTransaction,
    bus: TransferCalls,
  ): [Call, Call?] {
    if (repeatedStart && write?.[0] !== undefined && readLength > 0)
      return [this.#readRegister({ address, readLength }, write[0], bus)];
    if (write === undefined)
      return [readLength === 0 ? this.#touch(address, bus) : this.#read({ address, readLength }, bus)];
    const first = write.length === 0 ? this.#touch(address, bus) : this.#write(address, write, bus);
    return readLength === 0 ? [first] : [first, this.#read({ address, readLength }, bus)];
  }

  #write(address: number, bytes: Uint8Array, bus: TransferCalls): Call {
    this.#need(
      this.#functions.i2c,
      'plain writes; only a one-byte write and a read with repeated_start: true',
    );
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return async () => {
      const { bytesWritten } = await bus.i2cWrite(address, buffer.length, buffer);
      this.#complete(bytesWritten, buffer.length, address);
      return new Uint8Array();
    };
  }

  #read({ address, readLength }: Read, bus: TransferCalls): Call {
    this.#need(
      this.#functions.i2c,
      'plain reads; only a one-byte write and a read with repeated_start: true',
    );
    const buffer = Buffer.alloc(readLength);
    return async () => {
      const { bytesRead } = await bus.i2cRead(address, readLength, buffer);
      this.#complete(bytesRead, readLength, address);
      return buffer;
    };
  }

  /** An address and a STOP. Of all ways to ask who is there, the one that makes an Arduino run the least. */
  #touch(address: number, bus: TransferCalls): Call {
    this.#need(this.#functions.smbusQuick, 'empty writes; write or read at least one byte');
    return async () => {
      await bus.writeQuick(address, 0);
      return new Uint8Array();
    };
  }

  /** One byte, a repeated START and a read: what SMBus calls a byte, a word or a block is the same on the wire. */
  #readRegister({ address, readLength }: Read, register: number, bus: TransferCalls): Call {
    const { smbusReadI2cBlock, smbusReadByte, smbusReadWord } = this.#functions;
    if (smbusReadI2cBlock) return this.#readBlock({ address, readLength }, register, bus);
    if (readLength === 1 && smbusReadByte)
      return async () => Uint8Array.of(await bus.readByte(address, register));
    this.#need(
      readLength === 2 && smbusReadWord,
      `${String(readLength)} bytes after a repeated START; set repeated_start: false`,
    );
    return async () => {
      const word = await bus.readWord(address, register);
      return Uint8Array.of(word & 0xff, word >> 8);
    };
  }

  #readBlock({ address, readLength }: Read, register: number, bus: TransferCalls): Call {
    const buffer = Buffer.alloc(readLength);
    return async () => {
      const { bytesRead } = await bus.readI2cBlock(address, register, readLength, buffer);
      this.#complete(bytesRead, readLength, address);
      return buffer;
    };
  }

  #need(able: boolean, what: string): void {
    if (able) return;
    const message = `The adapter of ${busPathOf(this.#busNumber)} cannot do ${what}.`;
    throw new GatewayError('unsupported', message, { untried: true });
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
