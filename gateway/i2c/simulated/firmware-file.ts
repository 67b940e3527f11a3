// The firmware a type's description names, from its file to the flash of an ATmega328P.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DeviceType } from '../../../shared/device-type.js';
import type { SimulateSpec } from '../../../shared/config/simulated.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import { parseIntelHex } from './intel-hex.js';
import { whyOf } from '../../process/why.js';

/** Of an ATmega328P. Here, because who only checks a file has no use for the processor. */
export const FLASH_BYTES = 32 * 1024;
/** 32 KB of flash are 90 KB of text; one byte a record would be 400. */
const MOST_HEX_BYTES = 512 * 1024;

/** `folder`: what the file's path is relative to. Rejects with config_unreadable or config_invalid, naming type and file. */
export async function readFlash(
  type: DeviceType,
  simulate: SimulateSpec,
  folder: string,
): Promise<Uint8Array> {
  const file = resolve(folder, simulate.firmware);
  const about = `The firmware ${file} of the type ${type.id}`;
  const text = await readHexText(file).catch((cause: unknown) => {
    const why = whyOf(cause);
    throw new GatewayError('config_unreadable', `${about} cannot be read: ${why}.`, { cause });
  });
  try {
    return parseIntelHex(text, FLASH_BYTES);
  } catch (thrown) {
    const cause = asGatewayError(thrown);
    throw new GatewayError(cause.code, `${about} is no Intel-hex file for an ATmega328P: ${cause.message}.`, {
      cause,
    });
  }
}

/** Refuses what has no end, such as /dev/zero, before it is read. */
async function readHexText(file: string): Promise<string> {
  const info = await stat(file);
  if (!info.isFile() || info.size > MOST_HEX_BYTES)
    throw new Error(`it is no file of at most ${String(MOST_HEX_BYTES)} bytes`);
  return readFile(file, 'latin1');
}
