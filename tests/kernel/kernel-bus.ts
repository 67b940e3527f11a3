// The gateway's own Linux bus on a path, for the tests: with the real driver, in the real kernel.
import type { LinuxBus } from '../../gateway/i2c/linux/bus.js';
import { type LinuxBusWorld, openLinuxBus } from '../../gateway/i2c/linux/open.js';
import type { I2cBus } from '../../shared/ports.js';
import { RecordingLog } from '../support/recording-log.js';

export function openKernelBus(path: string, world: Partial<LinuxBusWorld> = {}): Promise<LinuxBus> {
  const onFailure = (error: Error): void => {
    throw error;
  };
  return openLinuxBus(
    { id: 'main', path, bitsPerSecond: 100_000 },
    { log: new RecordingLog(), onFailure, ...world },
  );
}

/** Writes a byte and reads `length`; as hex. */
export async function readHex(
  bus: I2cBus,
  address: number,
  register: number,
  { length = 1, repeatedStart = false } = {},
): Promise<string> {
  const write = Uint8Array.of(register);
  return Buffer.from(await bus.transfer({ address, write, readLength: length, repeatedStart })).toString(
    'hex',
  );
}
