// A Linux I²C adapter that isn't there, below the real i2c-bus: built with a C compiler, and preloaded into a process.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../gateway/process/paths.js';

export const NO_FAKED_I2C =
  'THE REAL i2c-bus WAS NOT TESTED: it needs Linux, the optional package i2c-bus, and a C compiler (apt-get install gcc)';

/** No machine has so many. */
export const FAKED_BUS_NUMBER = 777_777;
export const FAKED_BUS_PATH = `/dev/i2c-${String(FAKED_BUS_NUMBER)}`;

/** Where what is in the file that `faked-i2c-dev.c` maps. */
const SIZE = 17_848;
/** Of so many transactions it is kept how long the wire had rested. */
const IDLE_KEPT = 4096;
const AT = {
  transactions: 0,
  overlaps: 8,
  transactionNs: 20,
  functions: 24,
  openErrno: 28,
  spins: 32,
  calls: 36,
  transferErrno: 548,
  claimErrno: 676,
  hangs: 804,
  opens: 1192,
  order: 1196,
  idleNs: 1452,
} as const;
/** I2C_FUNC_* of linux/i2c.h: i2c, SMBus quick, byte, word and I²C block. */
const EVERY_FUNCTION = 0x0fff_0001;

export class FakedI2cDev {
  /** For the process that is to see the adapter; its children see it too. */
  readonly env: Readonly<Record<string, string>>;
  readonly #state: number;
  readonly #writes: string;

  /** In `folder`, which is the caller's to delete. Throws where there is no C compiler. */
  constructor(folder: string) {
    const library = join(folder, 'faked-i2c-dev.so');
    const state = join(folder, 'faked-i2c-dev.state');
    const source = join(packageRoot, 'tests', 'support', 'faked-i2c-dev.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'pipe' });
    writeFileSync(state, Buffer.alloc(SIZE));
    this.#state = openSync(state, 'r+');
    this.#writes = join(folder, 'faked-i2c-dev.writes');
    writeFileSync(this.#writes, '');
    this.env = {
      ...{ LD_PRELOAD: library, FAKED_I2C_STATE: state, FAKED_I2C_PATH: FAKED_BUS_PATH },
      FAKED_I2C_WRITES: this.#writes,
    };
    this.#set32(AT.functions, EVERY_FUNCTION);
  }

  close(): void {
    closeSync(this.#state);
  }

  /** Each transaction takes so long from now on; `spins` as a driver that gives the wire its clock by itself. */
  takes(transactionMs: number, spins = false): void {
    this.#set32(AT.transactionNs, transactionMs * 1e6);
    this.#set32(AT.spins, spins ? 1 : 0);
  }

  /** Opening fails with this errno, 0 for not at all. */
  refuseOpen(errno: number): void {
    this.#set32(AT.openErrno, errno);
  }

  /** Every transaction with the address fails with this errno, 0 for not at all. */
  fail(address: number, errno: number): void {
    this.#set8(AT.transferErrno + address, errno);
  }

  /** The address is refused with this errno when it is chosen: EBUSY where a driver of the kernel has it. */
  claim(address: number, errno: number): void {
    this.#set8(AT.claimErrno + address, errno);
  }

  /** Transactions with the address do not end while it hangs. */
  hang(address: number, hangs: boolean): void {
    this.#set8(AT.hangs + address, hangs ? 1 : 0);
  }

  /** Every write to the wire, as hex with the address first: `0810`. */
  writes(): string[] {
    return readFileSync(this.#writes, 'utf8').split('\n').filter(Boolean);
  }

  /** Since it was made. */
  get transactions(): number {
    return Number(this.#bytes(AT.transactions, 8).readBigUInt64LE());
  }

  /** How often a transaction began while another one was in the driver. */
  get overlaps(): number {
    return Number(this.#bytes(AT.overlaps, 8).readBigUInt64LE());
  }

  /** How often the device file was opened. */
  get opens(): number {
    return this.#bytes(AT.opens, 4).readUInt32LE();
  }

  /** The addresses of the transactions since there were `before` of them, at most 256. */
  addressesSince(before: number): number[] {
    const order = this.#bytes(AT.order, 256);
    return Array.from(
      { length: this.transactions - before },
      (_, index) => order[(before + index) % 256] ?? 0,
    );
  }

  /** How long the wire had rested before each of the last `count` transactions, at most 4,096. */
  idleNs(count: number): number[] {
    const idle = this.#bytes(AT.idleNs, 4 * IDLE_KEPT);
    const end = this.transactions;
    return Array.from({ length: count }, (_, back) => idle.readUInt32LE(4 * ((end - 1 - back) % IDLE_KEPT)));
  }

  /** Transactions with one address. */
  calls(address: number): number {
    return this.#bytes(AT.calls + 4 * address, 4).readUInt32LE();
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.#state, bytes, 0, length, at);
    return bytes;
  }

  #set32(at: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    writeSync(this.#state, bytes, 0, 4, at);
  }

  #set8(at: number, value: number): void {
    writeSync(this.#state, Uint8Array.of(value), 0, 1, at);
  }
}
