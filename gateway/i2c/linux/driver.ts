// What the gateway uses of i2c-bus: its asynchronous calls, which run on libuv's thread pool (one thread in the process of
// a bus, and its own), and those that block (blocking-calls.ts).
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import { COMPILER, installCommand, isMissing, rebuildCommand } from '../../process/native-package.js';

/** What the adapter can do, as the kernel tells it (I2C_FUNCS). */
export interface AdapterFunctions {
  readonly i2c: boolean;
  readonly smbusQuick: boolean;
  readonly smbusReadByte: boolean;
  readonly smbusReadWord: boolean;
  readonly smbusReadI2cBlock: boolean;
}

/** What moves bytes. Every call settles when the wire is free again, and rejects with errors that have an `errno`. */
export interface TransferCalls {
  i2cWrite(address: number, length: number, buffer: Buffer): Promise<{ readonly bytesWritten: number }>;
  i2cRead(address: number, length: number, buffer: Buffer): Promise<{ readonly bytesRead: number }>;
  writeQuick(address: number, bit: number): Promise<unknown>;
  readByte(address: number, register: number): Promise<number>;
  readWord(address: number, register: number): Promise<number>;
  readI2cBlock(
    address: number,
    register: number,
    length: number,
    buffer: Buffer,
  ): Promise<{ readonly bytesRead: number }>;
}

/** The same, done when it returns. */
export interface BlockingCalls {
  i2cWriteSync(address: number, length: number, buffer: Buffer): number;
  i2cReadSync(address: number, length: number, buffer: Buffer): number;
  writeQuickSync(address: number, bit: number): unknown;
  readByteSync(address: number, register: number): number;
  readWordSync(address: number, register: number): number;
  readI2cBlockSync(address: number, register: number, length: number, buffer: Buffer): number;
}

export interface DriverBus extends TransferCalls {
  i2cFuncs(): Promise<AdapterFunctions>;
  close(): Promise<void>;
  /** Where the driver has them. */
  bus?(): BlockingCalls;
}

export interface Driver {
  openPromisified(busNumber: number): Promise<DriverBus>;
}

export const REAL_DRIVER = 'i2c-bus';

/** Imports a module that exports `openPromisified`. Rejects with bus_unavailable and a sentence that says what to do. */
export async function loadDriver(module: string): Promise<Driver> {
  const loaded: unknown = await import(module).catch((thrown: unknown) => {
    throw loadError(module, thrown);
  });
  // A CommonJS module has all its exports under `default`; the named ones are only guessed by Node.
  const exports = has(loaded, 'default') ? loaded.default : loaded;
  if (isDriver(exports)) return exports;
  throw new GatewayError(
    'bus_unavailable',
    `The module ${module} is no I²C driver: it has no openPromisified.`,
  );
}

function loadError(module: string, thrown: unknown): GatewayError {
  const sentence = isMissing(thrown)
    ? `${module} is not installed. It is an optional package that needs a compiler: ${COMPILER}, then ${installCommand(module)}; or start with --simulate.`
    : `${module} does not load under Node ${process.version}. Build it for this version: ${rebuildCommand(module)}; or start with --simulate.`;
  return new GatewayError('bus_unavailable', sentence, { cause: asGatewayError(thrown) });
}

function isDriver(value: unknown): value is Driver {
  return has(value, 'openPromisified') && typeof value.openPromisified === 'function';
}

function has<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
