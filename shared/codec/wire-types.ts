// The types a field or an argument can have, by the names they have in the configuration. `le`/`be` is the byte order.
import { bcd, float32, float64, signed, signMagnitude, unsigned, type WireType } from './number-codecs.js';

export const WIRE_TYPES = {
  uint8: unsigned(8),
  int8: signed(8),
  uint16le: unsigned(16, true),
  uint16be: unsigned(16, false),
  int16le: signed(16, true),
  int16be: signed(16, false),
  uint24le: unsigned(24, true),
  uint24be: unsigned(24, false),
  int24le: signed(24, true),
  int24be: signed(24, false),
  uint32le: unsigned(32, true),
  uint32be: unsigned(32, false),
  int32le: signed(32, true),
  int32be: signed(32, false),
  uint40le: unsigned(40, true),
  uint40be: unsigned(40, false),
  int40le: signed(40, true),
  int40be: signed(40, false),
  uint48le: unsigned(48, true),
  uint48be: unsigned(48, false),
  int48le: signed(48, true),
  int48be: signed(48, false),
  uint56le: unsigned(56, true),
  uint56be: unsigned(56, false),
  int56le: signed(56, true),
  int56be: signed(56, false),
  uint64le: unsigned(64, true),
  uint64be: unsigned(64, false),
  int64le: signed(64, true),
  int64be: signed(64, false),
  signmag8: signMagnitude(8),
  signmag16le: signMagnitude(16, true),
  signmag16be: signMagnitude(16, false),
  signmag24le: signMagnitude(24, true),
  signmag24be: signMagnitude(24, false),
  signmag32le: signMagnitude(32, true),
  signmag32be: signMagnitude(32, false),
  bcd8: bcd(8),
  bcd16le: bcd(16, true),
  bcd16be: bcd(16, false),
  bcd24le: bcd(24, true),
  bcd24be: bcd(24, false),
  bcd32le: bcd(32, true),
  bcd32be: bcd(32, false),
  float32le: float32(true),
  float32be: float32(false),
  float64le: float64(true),
  float64be: float64(false),
} as const satisfies Record<string, WireType>;

export type NumberTypeName = keyof typeof WIRE_TYPES;

export const NUMBER_TYPE_NAMES = Object.keys(WIRE_TYPES) as NumberTypeName[];

/** `text`: ASCII. `hex`: bytes shown as they are, for serial numbers. `decimal`: a number written in ASCII. */
export const TEXT_TYPE_NAMES = ['text', 'hex', 'decimal'] as const;
export type TextTypeName = (typeof TEXT_TYPE_NAMES)[number];

/** `bool`: a byte, 0 is false. `bit`: one bit of a byte. */
export const FIELD_TYPE_NAMES = [...NUMBER_TYPE_NAMES, 'bool', 'bit', ...TEXT_TYPE_NAMES] as const;
export type FieldTypeName = NumberTypeName | 'bool' | 'bit' | TextTypeName;

/** `text` and `decimal` are written in ASCII. */
export const ARGUMENT_TYPE_NAMES = [...NUMBER_TYPE_NAMES, 'bool', 'text', 'decimal'] as const;
export type ArgumentTypeName = (typeof ARGUMENT_TYPE_NAMES)[number];

/** Of a field that has no bytes: it is computed from others. */
export const COMPUTED = 'computed';

/** Bytes a field of this type takes; those of text say it themselves, in `length`. */
export function sizeOf(type: FieldTypeName | typeof COMPUTED, length = 0): number {
  if (type === COMPUTED) return 0;
  if (isTextType(type)) return length;
  return type === 'bool' || type === 'bit' ? 1 : WIRE_TYPES[type].size;
}

export function isTextType(type: FieldTypeName | typeof COMPUTED): type is TextTypeName {
  return type === 'text' || type === 'hex' || type === 'decimal';
}

export function isNumberType(type: FieldTypeName | typeof COMPUTED): type is NumberTypeName {
  return type in WIRE_TYPES;
}
