// What no Linux bus can do, refused before anything reaches the wire.
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';

/** i2c-dev cuts longer reads and writes off without a word (drivers/i2c/i2c-dev.c). */
export const MOST_BYTES = 8192;
/** I2C_SMBUS_BLOCK_MAX, the kernel's limit of a block read with a repeated START through i2c-bus. */
export const MOST_BLOCK_BYTES = 32;
const HIGHEST_ADDRESS = 0x7f;

/** Throws too_large, or unsupported with what to do instead. */
export function checkTransaction({ address, write, readLength = 0, repeatedStart }: I2cTransaction): void {
  if (!Number.isInteger(address) || address < 0 || address > HIGHEST_ADDRESS)
    throw new GatewayError('unsupported', `${String(address)} is no 7-bit I²C address (0x00 to 0x7f).`);
  if (!Number.isInteger(readLength) || readLength < 0)
    throw new GatewayError('unsupported', `${String(readLength)} is no number of bytes to read.`);
  if (Math.max(write?.length ?? 0, readLength) > MOST_BYTES)
    throw new GatewayError(
      'too_large',
      `Linux moves at most ${String(MOST_BYTES)} bytes in one transaction.`,
    );
  if (repeatedStart !== true || write === undefined || readLength === 0) return;
  if (write.length !== 1)
    throw new GatewayError(
      'unsupported',
      `With a repeated START exactly one byte can be written on Linux, not ${String(write.length)}. Set repeated_start: false.`,
    );
  if (readLength > MOST_BLOCK_BYTES)
    throw new GatewayError(
      'too_large',
      `With a repeated START at most ${String(MOST_BLOCK_BYTES)} bytes can be read on Linux, not ${String(readLength)}. Set repeated_start: false, or read in parts.`,
    );
}
