// What `request/scan`, `request/read`, `request/write` and `request/trace` are given, and what is wrong with it.
import { z } from 'zod';
import { FIRST_ADDRESS, LAST_ADDRESS } from '../../shared/addresses.js';
import { payloadOf } from '../payload/explain.js';

/** Of a raw transaction: more than any Arduino takes (32), as much as a block device may want. */
const MOST_BYTES = 256;
const MOST_DELAY_MS = 5000;

const HEX_BYTE = /^(?:0x)?([0-9a-f]{1,2})$/i;

/** `[16, 255]`, or hex as people write it: `10 FF`, `0x10,0xFF`. */
const bytes = z
  .union([
    z.array(z.int().min(0).max(255)),
    z
      .string()
      .max(6 * MOST_BYTES)
      .transform(parseHex),
  ])
  .refine((list) => list.length <= MOST_BYTES, `has at most ${String(MOST_BYTES)} bytes`)
  .transform((list) => Uint8Array.from(list));

const address = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^0x[0-9a-f]{1,2}$/i, 'an address is a number such as 32, or text such as 0x20')
      .transform(Number),
  ])
  .refine(
    (number) => number >= FIRST_ADDRESS && number <= LAST_ADDRESS,
    'an address is 0x04 to 0x77; all others are reserved by the I²C specification. To 0x00, the general call, only a command of the file writes (general_call)',
  );

const place = { device: z.string().optional(), bus: z.string().optional(), address: address.optional() };

export const readRequest = z.strictObject({
  ...place,
  write: bytes.prefault([]),
  read: z.int().min(1).max(MOST_BYTES),
  repeated_start: z.boolean().default(false),
  delay_ms: z.int().min(0).max(MOST_DELAY_MS).default(0),
});
export const writeRequest = z.strictObject({ ...place, write: bytes });
export const scanRequest = z.strictObject({
  bus: z.string().optional(),
  probe: z.enum(['quick', 'read']).default('quick'),
});
export const traceRequest = z.strictObject({
  device: z.string().optional(),
  last: z.int().min(1).max(1000).default(20),
});

export type RawPlace = Pick<z.output<typeof writeRequest>, 'device' | 'bus' | 'address'>;
export type RawRead = z.output<typeof readRequest>;
export type RawWrite = z.output<typeof writeRequest>;
export type RawScan = z.output<typeof scanRequest>;
export type TraceQuery = z.output<typeof traceRequest>;

/** Each throws bad_payload. */
export const parseRead = (data: unknown): RawRead => payloadOf(readRequest, data);
export const parseWrite = (data: unknown): RawWrite => payloadOf(writeRequest, data);
export const parseScan = (data: unknown): RawScan => payloadOf(scanRequest, data);
export const parseTrace = (data: unknown): TraceQuery => payloadOf(traceRequest, data);

function parseHex(text: string, context: z.core.$RefinementCtx<string>): number[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parts.map((part) => {
    const [, digits] = HEX_BYTE.exec(part) ?? [];
    if (digits === undefined)
      context.addIssue({ code: 'custom', message: 'bytes are hex such as "10 FF"', input: text });
    return Number.parseInt(digits ?? '0', 16);
  });
}
