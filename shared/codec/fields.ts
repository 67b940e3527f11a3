// Bytes → values. What is read and not believed becomes null, with the name of the reason (DESIGN promise 5).
import type { ErrorCode } from '../errors.js';
import type { FieldSpec } from '../device-type.js';
import type { Value } from '../sample.js';
import { WIRE_TYPES } from './wire-types.js';

export interface DecodedFields {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
}

/** Decodes every field of a reply whose length and checksum are already known to be right. */
export function decodeFields(reply: Uint8Array, fields: readonly FieldSpec[]): DecodedFields {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  const values: Record<string, Value> = {};
  const errors: Record<string, ErrorCode> = {};
  for (const field of fields) {
    const decoded = decodeField(view, field);
    if (typeof decoded === 'object') {
      values[field.id] = null;
      errors[field.id] = decoded.error;
    } else {
      values[field.id] = decoded;
    }
  }
  return { values, errors };
}

function decodeField(view: DataView, field: FieldSpec): number | boolean | { readonly error: ErrorCode } {
  if (field.type === 'bool') return view.getUint8(field.at) !== 0;
  if (field.type === 'bit') return ((view.getUint8(field.at) >> (field.bit ?? 0)) & 1) === 1;
  const raw = WIRE_TYPES[field.type].read(view, field.at);
  if (!Number.isFinite(raw)) return { error: 'not_a_number' };
  const value = scaled(raw, field.scale);
  if (field.min !== undefined && value < field.min) return { error: 'out_of_range' };
  if (field.max !== undefined && value > field.max) return { error: 'out_of_range' };
  return value;
}

/** raw × scale without binary noise: 2149 × 0.01 is 21.49, not 21.490000000000002. */
export function scaled(raw: number, scale: number | undefined): number {
  if (scale === undefined || scale === 1) return raw;
  return Number((raw * scale).toPrecision(12));
}

const EMPTY_TAIL = 0xff;

/**
 * A known empty reply: AVR's Wire sends 00 then FF… when `onRequest` wrote nothing, and a released bus reads as FF.
 * One or two bytes can't be told from data and pass.
 */
export function isEmptyReply(reply: Uint8Array): boolean {
  if (reply.length < 3) return false;
  const tail = reply.subarray(1).every((byte) => byte === EMPTY_TAIL);
  return tail && (reply[0] === EMPTY_TAIL || reply[0] === 0);
}
