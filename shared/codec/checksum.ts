// Checksums over a reply: what kind, over which bytes, and where they stand.
import { crc } from './crc.js';

export const CHECK_KINDS = ['crc8', 'crc16', 'sum8', 'xor8'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** `pec` is SMBus's packet error code: the address bytes count as well. */
export const CHECK_SPANS = ['reply', 'write_and_reply', 'pec'] as const;
export type CheckSpan = (typeof CHECK_SPANS)[number];

export interface CheckSpec {
  readonly kind: CheckKind;
  /** For crc8 (0x07 where absent) and crc16 (0x1021). */
  readonly poly?: number;
  /** Where the sum, xor or CRC begins; 0 where absent. */
  readonly init?: number;
  /** For CRCs that go least significant bit first. */
  readonly reflect?: boolean;
  readonly xorOut?: number;
  /** Byte order of a crc16 in the reply; big-endian where absent. */
  readonly order?: 'le' | 'be';
  /** The bytes it is taken over; `reply` where absent. */
  readonly over?: CheckSpan;
  /** So many bytes at the front of the reply are not covered: a start byte, or a length. */
  readonly skip?: number;
  /** A check stands behind every so many bytes, and covers those; one at the end where absent. */
  readonly each?: number;
}

/** What was said on the bus before the reply. */
export interface CheckContext {
  readonly address: number;
  readonly write: Uint8Array;
}

const NO_CONTEXT: CheckContext = { address: 0, write: new Uint8Array() };

/** Bytes of one check. */
function checkSize(check: CheckSpec): number {
  return check.kind === 'crc16' ? 2 : 1;
}

/** Bytes of a reply of `replyLength` that belong to its check or checks. */
export function checkLength(check: CheckSpec | undefined, replyLength: number): number {
  if (check === undefined) return 0;
  const size = checkSize(check);
  return check.each === undefined ? size : Math.floor(replyLength / (check.each + size)) * size;
}

/** True where a reply can be of this length: groups of `each` must come out even. */
export function fitsCheck(check: CheckSpec | undefined, replyLength: number): boolean {
  return check?.each === undefined || replyLength % (check.each + checkSize(check)) === 0;
}

/** The reply without its checks; undefined where one of them is wrong. */
export function withoutChecksum(
  reply: Uint8Array,
  check: CheckSpec | undefined,
  context: CheckContext = NO_CONTEXT,
): Uint8Array | undefined {
  if (check === undefined) return reply;
  const body = new Uint8Array(reply.length - checkLength(check, reply.length));
  const size = checkSize(check);
  const group = check.each ?? body.length;
  let at = 0;
  for (let from = 0; from < reply.length; from += group + size) {
    const data = reply.subarray(from, from + group);
    // A check that covers nothing proves nothing.
    if (check.skip !== undefined && data.length <= check.skip) return undefined;
    const expected = checkBytes(data, check, context);
    if (expected.some((byte, index) => byte !== reply[from + group + index])) return undefined;
    body.set(data, at);
    at += data.length;
  }
  return body;
}

/** The body with its checks: the far end's half of {@link withoutChecksum}, for simulated targets. */
export function withChecksum(
  body: Uint8Array,
  check: CheckSpec | undefined,
  context: CheckContext = NO_CONTEXT,
): Uint8Array {
  if (check === undefined) return body;
  const group = check.each ?? body.length;
  const reply: number[] = [];
  for (let from = 0; from < body.length; from += group) {
    const data = body.subarray(from, from + group);
    reply.push(...data, ...checkBytes(data, check, context));
  }
  return Uint8Array.from(reply);
}

/** The check of `data` as it stands in the reply. */
function checkBytes(data: Uint8Array, check: CheckSpec, context: CheckContext): number[] {
  const result = checkOf(covered(data.subarray(check.skip ?? 0), check.over ?? 'reply', context), check);
  if (check.kind !== 'crc16') return [result];
  const [high, low] = [result >> 8, result & 0xff];
  return check.order === 'le' ? [low, high] : [high, low];
}

function covered(data: Uint8Array, over: CheckSpan, { address, write }: CheckContext): Uint8Array {
  if (over === 'reply') return data;
  if (over === 'write_and_reply') return Uint8Array.from([...write, ...data]);
  const written = write.length === 0 ? [] : [address << 1, ...write];
  return Uint8Array.from([...written, (address << 1) | 1, ...data]);
}

const DEFAULT_POLY = { crc8: 0x07, crc16: 0x1021 } as const;

/** The sum, xor or CRC of the bytes. */
export function checkOf(bytes: Uint8Array, check: CheckSpec): number {
  const { kind, init = 0, xorOut = 0 } = check;
  if (kind === 'sum8') return (bytes.reduce((sum, byte) => sum + byte, init) & 0xff) ^ xorOut;
  if (kind === 'xor8') return bytes.reduce((sum, byte) => sum ^ byte, init) ^ xorOut;
  const poly = check.poly ?? DEFAULT_POLY[kind];
  return crc(bytes, { width: kind === 'crc8' ? 8 : 16, poly, init, reflect: check.reflect ?? false, xorOut });
}
