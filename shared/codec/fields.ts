// Bytes → values. What is read and not believed becomes null, with the name of the reason (DESIGN promise 5).
import type { ErrorCode } from '../errors.js';
import type { FieldSpec } from '../device-type.js';
import type { Value } from '../sample.js';
import { WIRE_TYPES } from './wire-types.js';

export interface DecodedFields {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
}

/** Decodes every field of a reply's body: what is left of it when echo, status and checksums are taken out. */
export function decodeFields(body: Uint8Array, fields: readonly FieldSpec[]): DecodedFields {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
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
