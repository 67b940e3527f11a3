// What an Arduino's Wire library can take in one transaction, held before anything reaches the wire.
import { GatewayError } from '../../shared/errors.js';
import type { I2cTransaction } from '../../shared/ports.js';

/** BUFFER_LENGTH of AVR's Wire: the register and 31 bytes. A 34th byte makes the target deaf until its reset. */
const MOST_WRITTEN = 32;
/** What is read beyond it comes as FF. */
const MOST_READ = 32;

/** The error too_large, or undefined where the transaction fits. */
export function beyondWire({ write, readLength = 0 }: I2cTransaction): GatewayError | undefined {
  const written = write?.length ?? 0;
  if (written > MOST_WRITTEN)
    return new GatewayError(
      'too_large',
      `${String(written)} bytes are to be written; AVR's Wire library takes a register and 31 more.`,
    );
  if (readLength > MOST_READ)
    return new GatewayError(
      'too_large',
      `${String(readLength)} bytes are to be read; AVR's Wire library sends 32 at most.`,
    );
  return undefined;
}
