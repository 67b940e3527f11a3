// Bytes → values. What is read and not believed becomes null, with the name of the reason.
import type { FieldSpec, SampleSpec } from '../device-type.js';
import { GatewayError, type ErrorCode } from '../errors.js';
import type { Value } from '../sample.js';
import { toValue } from './number-value.js';
import { readDecimal, readHex, readText } from './text.js';
import { isTextType, sizeOf, WIRE_TYPES } from './wire-types.js';

export interface DecodedFields {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
}

type Decoded = number | boolean | string | { readonly error: ErrorCode };

/**
 * Decodes every field of a reply's body: what is left of it when echo, status and checksums are taken out.
 * Throws GatewayError short_reply or not_text where a text that is to be split isn't there.
 */
export function decodeFields(
  body: Uint8Array,
  { fields, split }: Pick<SampleSpec, 'fields' | 'split'>,
): DecodedFields {
  const parts = split === undefined ? undefined : partsOf(body, split, fields);
  const values: Record<string, Value> = {};
  const errors: Record<string, ErrorCode> = {};
  for (const field of fields) {
    const decoded = parts === undefined ? decodeBytes(body, field) : decodeText(parts[field.at] ?? '', field);
    if (typeof decoded === 'object') {
      values[field.id] = null;
      errors[field.id] = decoded.error;
    } else {
      values[field.id] = decoded;
    }
  }
  return { values, errors };
}

/** A text that ends early may have been cut within a part: then none of it is believed. */
function partsOf(body: Uint8Array, split: string, fields: readonly FieldSpec[]): readonly string[] {
  const text = readText(body);
  if (text === undefined)
    throw new GatewayError('not_text', 'The reply is to be split, but is no ASCII text.');
  const parts = text.split(split).map((part) => part.trim());
  const wanted = Math.max(...fields.map((field) => field.at)) + 1;
  if (parts.length >= wanted) return parts;
  throw new GatewayError(
    'short_reply',
    `${JSON.stringify(text)} has ${String(parts.length)} parts, not ${String(wanted)}.`,
  );
}

function decodeBytes(body: Uint8Array, field: FieldSpec): Decoded {
  const { type, at } = field;
  const size = sizeOf(type, field.length);
  const bytes = body.subarray(at, at + size);
  // A frame that says its length may be shorter than described: of a text the rest may be missing, of a number nothing.
  if (bytes.length === 0 || (bytes.length < size && (!isTextType(type) || type === 'hex')))
    return { error: 'short_reply' };
  if (type === 'hex') return decodeText(readHex(bytes), field);
  if (isTextType(type)) {
    const text = readText(bytes);
    return text === undefined ? { error: 'not_text' } : decodeText(text, field);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'bool') return view.getUint8(0) !== 0;
  if (type === 'bit') return ((view.getUint8(0) >> (field.bit ?? 0)) & 1) === 1;
  return believedNumber(WIRE_TYPES[type].read(view, 0, field.bits), field);
}

function decodeText(text: string, field: FieldSpec): Decoded {
  if (field.none?.includes(text) === true) return { error: 'no_value' };
  return field.type === 'decimal' ? believedNumber(readDecimal(text), field) : text;
}

function believedNumber(raw: number, field: FieldSpec): Decoded {
  if (field.none?.includes(raw) === true) return { error: 'no_value' };
  if (!Number.isFinite(raw)) return { error: 'not_a_number' };
  if (field.names !== undefined) return field.names.get(raw) ?? { error: 'unknown_value' };
  const value = toValue(raw, field);
  if (!Number.isFinite(value)) return { error: 'not_a_number' };
  if (field.min !== undefined && value < field.min) return { error: 'out_of_range' };
  if (field.max !== undefined && value > field.max) return { error: 'out_of_range' };
  return field.round === undefined ? value : rounded(value, field.round);
}

function rounded(value: number, digits: number): number {
  // + 0 makes -0 a 0.
  return Number(value.toFixed(digits)) + 0;
}

/** What a front end will see of a field. */
export function valueTypeOf(field: Pick<FieldSpec, 'type' | 'names'>): 'number' | 'boolean' | 'string' {
  if (field.type === 'bool' || field.type === 'bit') return 'boolean';
  return field.names !== undefined || field.type === 'text' || field.type === 'hex' ? 'string' : 'number';
}
