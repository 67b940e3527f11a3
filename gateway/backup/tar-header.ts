// A member's header in a tar archive (POSIX ustar), so that a backup can be opened with `tar` where no gateway is.
import { GatewayError } from '../../shared/errors.js';

export const BLOCK_BYTES = 512;
export const MOST_NAME_BYTES = 100;
/** What eleven octal digits hold; a larger size is binary, as GNU tar writes it. */
const MOST_OCTAL = 8 ** 11 - 1;
const BINARY = 0x80;

export interface TarMember {
  readonly name: string;
  readonly bytes: number;
  readonly mode: number;
}

/** `modifiedTs` is epoch ms. */
export function headerOf({ name, bytes, mode }: TarMember, modifiedTs: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, MOST_NAME_BYTES, 'utf8');
  octal(header, mode, 100, 8);
  octal(header, 0, 108, 8);
  octal(header, 0, 116, 8);
  if (bytes <= MOST_OCTAL) octal(header, bytes, 124, 12);
  else {
    header[124] = BINARY;
    header.writeBigUInt64BE(BigInt(bytes), 128);
  }
  octal(header, Math.floor(modifiedTs / 1000), 136, 12);
  // A plain file.
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  octal(header, checksumOf(header), 148, 8);
  return header;
}

/** Undefined where the archive ends. Throws bad_argument for what is no plain file. */
export function parseHeader(header: Buffer): TarMember | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  if (numberAt(header, 148, 8) !== checksumOf(header)) throw damaged('a header is damaged');
  const name = header.toString('utf8', 0, MOST_NAME_BYTES).replace(/\0.*$/s, '');
  if (header.toString('latin1', 156, 157) !== '0') throw damaged(`${name} is no plain file`);
  return { name, bytes: sizeOf(header), mode: numberAt(header, 100, 8) };
}

/** From a member's end to the next block. */
export function paddingOf(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

export function damaged(why: string): GatewayError {
  return new GatewayError('bad_argument', `The backup is damaged, or is none: ${why}.`);
}

function octal(header: Buffer, value: number, at: number, width: number): void {
  header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
}

function sizeOf(header: Buffer): number {
  if (header[124] !== BINARY) return numberAt(header, 124, 12);
  const bytes = Number(header.readBigUInt64BE(128));
  if (!Number.isSafeInteger(bytes)) throw damaged('a size is out of all reason');
  return bytes;
}

function numberAt(header: Buffer, at: number, width: number): number {
  const text = header.toString('latin1', at, at + width).replace(/[\0 ]+$/, '');
  if (!/^[0-7]+$/.test(text)) throw damaged('a header is damaged');
  return Number.parseInt(text, 8);
}

/** The sum of all bytes, with its own field as spaces. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
