// Bytes → values. What is read and not believed becomes null, with the name of the reason.
import type { BodySpec, FieldSpec } from '../device-type.js';
import { GatewayError, type ErrorCode } from '../errors.js';
import type { Value } from '../sample.js';
import { dateTime } from './date-time.js';
import { toValue } from './number-value.js';
import { partsByName } from './named-parts.js';
import { passes } from './reply-test.js';
import { swapped } from './swapped.js';
import { readDecimal, readHex, readText } from './text.js';
import { COMPUTED, isNumberType, isTextType, sizeOf, WIRE_TYPES } from './wire-types.js';

export interface DecodedFields {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
}

export type Decoded = number | boolean | string | { readonly error: ErrorCode };

/**
 * Decodes every field of a reply's body: what is left of it when echo, status and checksums are taken out.
 * Throws GatewayError short_reply or not_text where a text that is to be split isn't there.
 */
export function decodeFields(body: Uint8Array, spec: BodySpec): DecodedFields {
  const values: Record<string, Value> = {};
  const errors: Record<string, ErrorCode> = {};
  eachDecoded(body, spec, ({ id }, decoded) => {
    if (typeof decoded === 'object') {
      values[id] = null;
      errors[id] = decoded.error;
    } else {
      values[id] = decoded;
    }
  });
  return { values, errors };
}

/** Calls back for every field in its order. Throws as {@link decodeFields}. */
export function eachDecoded(
  body: Uint8Array,
  { fields, split, pair }: BodySpec,
  take: (field: FieldSpec, decoded: Decoded) => void,
): void {
  if (split === undefined) {
    for (const field of fields) take(field, decodeBytes(body, field));
    return;
  }
  const text = textIn(body);
  if (pair === undefined) {
    const parts = partsOf(text, split, fields);
    for (const field of fields) take(field, decodeText(parts[field.at] ?? '', field));
    return;
  }
  const parts = partsByName(text, split, pair, fields);
  for (const field of fields) {
    const part = parts.get(field.key ?? field.id);
    take(field, part === undefined ? { error: 'no_value' } : decodeText(part, field));
  }
}

/** The number in the bytes, before anything is made of it; undefined where the field has none. */
export function rawNumber(body: Uint8Array, field: FieldSpec): number | undefined {
  const { type, at } = field;
  const bytes = body.subarray(at, at + sizeOf(type, field.length));
  if (bytes.length === 0 || bytes.length < sizeOf(type, field.length)) return undefined;
  if (type === 'bool') return bytes[0];
  if (type === 'bit') return bitIn(bytes, field);
  return isNumberType(type) ? numberIn(bytes, field) : undefined;
}

function bitIn(bytes: Uint8Array, { bit = 0 }: FieldSpec): number {
  return ((bytes[0] ?? 0) >> bit) & 1;
}

function textIn(body: Uint8Array): string {
  const text = readText(body);
  if (text !== undefined) return text;
  throw new GatewayError('not_text', 'The reply is to be split, but is no ASCII text.');
}

/** A text that ends early may have been cut within a part: then none of it is believed. */
function partsOf(text: string, split: string, fields: readonly FieldSpec[]): readonly string[] {
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
  if (type === 'hex') return decodeText(readHex(swapped(bytes, field.swap)), field);
  if (isTextType(type)) {
    const text = readText(swapped(bytes, field.swap));
    return text === undefined ? { error: 'not_text' } : decodeText(text, field);
  }
  if (type === 'bool') return bytes[0] !== 0;
  if (type === 'bit') return bitIn(bytes, field) === 1;
  if (type === COMPUTED) return { error: 'internal' };
  return believedNumber(numberIn(bytes, field), field);
}

function numberIn(bytes: Uint8Array, { type, swap, bits }: FieldSpec): number {
  if (!isNumberType(type)) return Number.NaN;
  const ordered = swap === undefined ? bytes : swapped(bytes, swap);
  const view = new DataView(ordered.buffer, ordered.byteOffset, ordered.byteLength);
  return WIRE_TYPES[type].read(view, 0, bits);
}

function decodeText(text: string, field: FieldSpec): Decoded {
  if (field.none?.includes(text) === true) return { error: 'no_value' };
  return field.type === 'decimal' ? believedNumber(readDecimal(text), field) : text;
}

/** What is made of a number as it is read or computed. */
export function believedNumber(raw: number, field: FieldSpec): Decoded {
  if (field.none?.includes(raw) === true) return { error: 'no_value' };
  if (!Number.isFinite(raw)) return { error: 'not_a_number' };
  if (field.names !== undefined) return field.names.get(raw) ?? { error: 'unknown_value' };
  const { mask, is } = field;
  if (mask !== undefined) return passes(raw, is === undefined ? { mask, not: [0] } : { mask, is });
  const value = toValue(raw, field);
  if (!Number.isFinite(value)) return { error: 'not_a_number' };
  if (field.min !== undefined && value < field.min) return beyond(field.min, field);
  if (field.max !== undefined && value > field.max) return beyond(field.max, field);
  if (field.format === 'datetime') return dateTime(value);
  return field.round === undefined ? value : rounded(value, field.round);
}

function beyond(limit: number, { clamp }: FieldSpec): Decoded {
  return clamp === true ? limit : { error: 'out_of_range' };
}

function rounded(value: number, digits: number): number {
  // + 0 makes -0 a 0.
  return Number(value.toFixed(digits)) + 0;
}

/** What a front end will see of a field. */
export function valueTypeOf(
  field: Pick<FieldSpec, 'type' | 'names' | 'mask' | 'format' | 'compute'>,
): 'number' | 'boolean' | 'string' {
  if (field.type === 'bool' || field.type === 'bit') return 'boolean';
  if (field.names !== undefined || field.format !== undefined) return 'string';
  if (field.mask !== undefined || field.compute?.type === 'boolean') return 'boolean';
  return field.type === 'text' || field.type === 'hex' ? 'string' : 'number';
}
