// The double at the wire: a driver module like i2c-bus, loaded by the bus process. Its settings are its URL's query.
import { appendFileSync, existsSync, openSync as openFileSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { AdapterFunctions, DriverBus } from '../../../../gateway/i2c/linux/driver.js';

/** What stands at which address of the fake bus. */
export const AT = {
  /** 256 registers, of which the first byte written chooses one. */
  registers: 0x08,
  absent: 0x50,
  /** Fails every call with the errno of `?errno=`: negative in plain calls, positive and without a code in SMBus ones. */
  failing: 0x30,
  /** Held by a driver of the kernel. */
  claimed: 0x68,
  /** Blocks in a system call until the fifo of `?fifo=` has a byte. */
  hanging: 0x40,
  /** Takes the whole process with it. */
  deadly: 0x41,
  /** Moves one byte less than it was asked for. */
  short: 0x42,
} as const;

const settings = new URL(import.meta.url).searchParams;

/** The URL of this module with `settings`, for LinuxBusWorld.driver. */
export function fakeDriver(wanted: Readonly<Record<string, string | number>> = {}): string {
  const url = new URL(import.meta.url);
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, String(value));
  return url.href;
}

/** As the kernel does, in the two ways in which i2c-bus passes it on. */
function fail(number: number, syscall: string, negative: boolean): never {
  const code = negative ? { code: 'EFAKE' } : { code: '' };
  throw Object.assign(new Error(`${syscall} failed`), {
    errno: negative ? -number : number,
    syscall,
    ...code,
  });
}

class FakeBus implements DriverBus {
  readonly #registers = new Uint8Array(256);
  readonly #known = new Set<number>();
  #pointer = 0;
  #last: Promise<unknown> = Promise.resolve();

  i2cFuncs(): Promise<AdapterFunctions> {
    return this.#inTurn(() => this.#functions());
  }

  #functions(): AdapterFunctions {
    note('open');
    // From when the file of `?openHangs=` is there.
    const openHangs = settings.get('openHangs');
    if (openHangs !== null && existsSync(openHangs)) pause(2 ** 31 - 1);
    const opening = Number(settings.get('open') ?? 0);
    if (opening !== 0) fail(opening, 'open', true);
    const all = settings.get('functions')?.split(',');
    const has = (name: string): boolean => all === undefined || all.includes(name);
    return {
      i2c: has('i2c'),
      smbusQuick: has('quick'),
      smbusReadByte: has('byte'),
      smbusReadWord: has('word'),
      smbusReadI2cBlock: has('block'),
    };
  }

  async i2cWrite(address: number, length: number, buffer: Buffer): Promise<{ bytesWritten: number }> {
    const bytesWritten = await this.#transact('i2cWrite', address, () => {
      this.#pointer = buffer[0] ?? 0;
      for (const byte of buffer.subarray(1, length)) this.#registers[this.#pointer++ % 256] = byte;
      return address === AT.short ? length - 1 : length;
    });
    return { bytesWritten };
  }

  async i2cRead(address: number, length: number, buffer: Buffer): Promise<{ bytesRead: number }> {
    return { bytesRead: await this.#transact('i2cRead', address, () => this.#read(address, length, buffer)) };
  }

  writeQuick(address: number, bit: number): Promise<unknown> {
    return this.#transact(`writeQuick ${String(bit)}`, address, () => 0);
  }

  readByte(address: number, register: number): Promise<number> {
    return this.#transact('readByte', address, () => this.#registers[register] ?? 0);
  }

  readWord(address: number, register: number): Promise<number> {
    return this.#transact('readWord', address, () => Buffer.from(this.#registers).readUInt16LE(register));
  }

  async readI2cBlock(
    address: number,
    register: number,
    length: number,
    buffer: Buffer,
  ): Promise<{ bytesRead: number }> {
    const bytesRead = await this.#transact('readI2cBlock', address, () => {
      this.#pointer = register;
      return this.#read(address, length, buffer);
    });
    return { bytesRead };
  }

  close(): Promise<void> {
    return this.#inTurn(() => {
      note('close');
    });
  }

  /** As libuv's pool with its one thread: in the order of the calls, each when the last has ended. */
  #inTurn<T>(work: () => T): Promise<T> {
    const turn = this.#last.then(() => setImmediate()).then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #read(address: number, length: number, buffer: Buffer): number {
    const moved = address === AT.short ? length - 1 : length;
    for (let index = 0; index < moved; index += 1)
      buffer[index] = this.#registers[this.#pointer++ % 256] ?? 0;
    return moved;
  }

  #transact(call: string, asked: number, work: () => number): Promise<number> {
    return this.#inTurn(() => this.#block(call, asked, work));
  }

  #block(call: string, asked: number, work: () => number): number {
    const address = this.#choose(asked);
    note(`begin ${call} ${String(address)}`);
    pause(Number(settings.get('ms') ?? 0));
    try {
      if (address === AT.hanging) readSync(openFileSync(settings.get('fifo') ?? '', 'r+'), Buffer.alloc(1));
      if (address === AT.deadly) process.exit(7);
      const plain = call.startsWith('i2c');
      // Every transfer breaks off while the file of `?broken=` is there.
      const broken = settings.get('broken');
      if (broken !== null && existsSync(broken)) fail(constants.errno.EIO, call, plain);
      if (address === AT.absent) fail(plain ? 121 : constants.errno.ENXIO, plain ? 'read' : call, plain);
      if (address === AT.failing) fail(Number(settings.get('errno')), plain ? 'read' : call, plain);
      return work();
    } finally {
      note('end');
    }
  }

  /** As i2c-bus: the descriptor is kept before the address is chosen, so that the next call goes to address 0. */
  #choose(address: number): number {
    if (address !== AT.claimed) return address;
    if (this.#known.has(address)) return 0;
    this.#known.add(address);
    return fail(constants.errno.EBUSY, 'setAddr', false);
  }
}

export function openPromisified(busNumber: number): Promise<DriverBus> {
  note(`pid ${String(process.pid)}`);
  note(`openPromisified ${String(busNumber)}`);
  return Promise.resolve(new FakeBus());
}

/** Writes what happens into the file of `?journal=`, which outlives the process. */
function note(line: string): void {
  const journal = settings.get('journal');
  if (journal !== null) appendFileSync(journal, `${line}\n`);
}

/** Blocks, as a transfer does. */
function pause(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
