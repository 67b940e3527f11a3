// Reads Intel-hex files, what the Arduino IDE and avr-objcopy write (Intel "Hexadecimal Object File Format", rev. A, 1988).
import { GatewayError } from '../../../shared/errors.js';

const RECORD = /^:((?:[0-9a-f]{2}){5,260})$/i;
const DATA = 0x00;
const END = 0x01;
const SEGMENT_ADDRESS = 0x02;
const LINEAR_ADDRESS = 0x04;
/** Where execution would start on an 80x86: an AVR starts at 0, so they say nothing here. */
const START_ADDRESSES: readonly number[] = [0x03, 0x05];

/**
 * The memory image: `size` bytes, FF (erased flash) where the file says nothing.
 * Throws GatewayError config_invalid that names the line.
 */
export function parseIntelHex(text: string, size: number): Uint8Array {
  const image = new Uint8Array(size).fill(0xff);
  let base = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const { type, address, data } = parseRecord(line.trim(), index + 1);
    if (type === END) return image;
    if (type === DATA) {
      if (base + address + data.length > size)
        throw invalid(index + 1, `lies beyond the ${String(size)} bytes of flash of an ATmega328P`);
      image.set(data, base + address);
    } else if (type === SEGMENT_ADDRESS) base = word(data) * 16;
    else if (type === LINEAR_ADDRESS) base = word(data) * 65_536;
    else if (!START_ADDRESSES.includes(type)) throw invalid(index + 1, 'is of an unknown record type');
  }
  throw new GatewayError('config_invalid', 'it has no end record: it is cut off, or something else');
}

interface HexRecord {
  readonly type: number;
  readonly address: number;
  readonly data: Uint8Array;
}

function parseRecord(line: string, number: number): HexRecord {
  const digits = RECORD.exec(line)?.[1];
  if (digits === undefined) throw invalid(number, 'is no Intel-hex record');
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
  const [length = 0, high = 0, low = 0, type = 0] = bytes;
  if (bytes.length !== length + 5) throw invalid(number, 'has another length than it says');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  if (sum % 256 !== 0) throw invalid(number, 'has a wrong checksum');
  return { type, address: high * 256 + low, data: bytes.subarray(4, -1) };
}

function word(data: Uint8Array): number {
  return (data[0] ?? 0) * 256 + (data[1] ?? 0);
}

function invalid(line: number, why: string): GatewayError {
  return new GatewayError('config_invalid', `line ${String(line)} ${why}`);
}
