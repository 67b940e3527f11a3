// What the gateway uses of i2c-bus: its synchronous calls only. Its asynchronous ones sit on libuv's thread pool.
import { asGatewayError, GatewayError } from '../../../shared/errors.js';

/** What the adapter can do, as the kernel tells it (I2C_FUNCS). */
export interface AdapterFunctions {
  readonly i2c: boolean;
  readonly smbusQuick: boolean;
  readonly smbusReadByte: boolean;
  readonly smbusReadWord: boolean;
  readonly smbusReadI2cBlock: boolean;
}

/** Every call blocks until the wire is free again, and throws errors that have an `errno`. */
export interface DriverBus {
  i2cFuncsSync(): AdapterFunctions;
  i2cWriteSync(address: number, length: number, buffer: Buffer): number;
  i2cReadSync(address: number, length: number, buffer: Buffer): number;
  writeQuickSync(address: number, bit: number): unknown;
  readByteSync(address: number, register: number): number;
  readWordSync(address: number, register: number): number;
  readI2cBlockSync(address: number, register: number, length: number, buffer: Buffer): number;
  closeSync(): void;
}

export interface Driver {
  openSync(busNumber: number): DriverBus;
}

export const REAL_DRIVER = 'i2c-bus';

/** Imports a module that exports `openSync`. Rejects with bus_unavailable and a sentence that says what to do. */
export async function loadDriver(module: string): Promise<Driver> {
  const loaded: unknown = await import(module).catch((thrown: unknown) => {
    throw loadError(module, thrown);
  });
  // A CommonJS module has all its exports under `default`; the named ones are only guessed by Node.
  const exports = has(loaded, 'default') ? loaded.default : loaded;
  if (isDriver(exports)) return exports;
  throw new GatewayError('bus_unavailable', `The module ${module} is no I²C driver: it has no openSync.`);
}

function loadError(module: string, thrown: unknown): GatewayError {
  const missing = has(thrown, 'code') && thrown.code === 'ERR_MODULE_NOT_FOUND';
  const sentence = missing
    ? `${module} is not installed. It is an optional package that needs a compiler: sudo apt install build-essential python3, then npm install; or start with --simulate.`
    : `${module} does not load under Node ${process.version}. Build it for this version: npm rebuild ${module}; or start with --simulate.`;
  return new GatewayError('bus_unavailable', sentence, { cause: asGatewayError(thrown) });
}

function isDriver(value: unknown): value is Driver {
  return has(value, 'openSync') && typeof value.openSync === 'function';
}

function has<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
