// What a target can take in one transaction, held before anything reaches the wire: an Arduino's Wire library where the
// device's type says nothing else.
import { GatewayError } from '../../shared/errors.js';
import type { I2cTransaction, QueuedTransferOptions } from '../../shared/ports.js';

/**
 * BUFFER_LENGTH of AVR's Wire: the register and 31 bytes. A 34th byte makes the target deaf until its reset; what is read
 * beyond them comes as FF.
 */
const AVR = { write: 32, read: 32 } as const;

/** The error too_large, or undefined where the transaction fits. */
export function beyondWire(
  { write, readLength = 0 }: I2cTransaction,
  largest: NonNullable<QueuedTransferOptions['largest']> = AVR,
): GatewayError | undefined {
  const written = write?.length ?? 0;
  const whose = largest === AVR ? "AVR's Wire library" : 'the device, by its description,';
  if (written > largest.write)
    return new GatewayError(
      'too_large',
      `${String(written)} bytes are to be written; ${whose} takes ${largest === AVR ? 'a register and 31 more' : String(largest.write)}.`,
    );
  if (readLength > largest.read)
    return new GatewayError(
      'too_large',
      `${String(readLength)} bytes are to be read; ${whose} sends ${String(largest.read)} at most.`,
    );
  return undefined;
}
