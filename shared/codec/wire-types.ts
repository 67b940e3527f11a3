// The number types a device can send: size, limits, and how they lie in the bytes. `le`/`be` is the byte order.

export interface WireType {
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  read(view: DataView, at: number): number;
  write(view: DataView, at: number, value: number): void;
}

function integer(bits: 8 | 16 | 24 | 32, signed: boolean, littleEndian: boolean): WireType {
  const size = bits / 8;
  const span = 2 ** bits;
  return {
    size,
    min: signed ? -span / 2 : 0,
    max: signed ? span / 2 - 1 : span - 1,
    integer: true,
    read: (view, at) => {
      let raw = 0;
      for (let i = 0; i < size; i++)
        raw = raw * 256 + view.getUint8(littleEndian ? at + size - 1 - i : at + i);
      return signed && raw >= span / 2 ? raw - span : raw;
    },
    write: (view, at, value) => {
      let raw = value < 0 ? value + span : value;
      for (let i = 0; i < size; i++) {
        view.setUint8(littleEndian ? at + i : at + size - 1 - i, raw % 256);
        raw = Math.floor(raw / 256);
      }
    },
  };
}

const FLOAT32_MAX = 3.4028234663852886e38;

function float32(littleEndian: boolean): WireType {
  return {
    size: 4,
    min: -FLOAT32_MAX,
    max: FLOAT32_MAX,
    integer: false,
    read: (view, at) => view.getFloat32(at, littleEndian),
    write: (view, at, value) => {
      view.setFloat32(at, value, littleEndian);
    },
  };
}

export const WIRE_TYPES = {
  uint8: integer(8, false, true),
  int8: integer(8, true, true),
  uint16le: integer(16, false, true),
  uint16be: integer(16, false, false),
  int16le: integer(16, true, true),
  int16be: integer(16, true, false),
  uint24le: integer(24, false, true),
  uint24be: integer(24, false, false),
  int24le: integer(24, true, true),
  int24be: integer(24, true, false),
  uint32le: integer(32, false, true),
  uint32be: integer(32, false, false),
  int32le: integer(32, true, true),
  int32be: integer(32, true, false),
  float32le: float32(true),
  float32be: float32(false),
} as const satisfies Record<string, WireType>;

export type NumberTypeName = keyof typeof WIRE_TYPES;

/** `bool`: a byte, 0 is false. `bit`: one bit of a byte. */
export const FIELD_TYPE_NAMES = [...(Object.keys(WIRE_TYPES) as NumberTypeName[]), 'bool', 'bit'] as const;
export type FieldTypeName = NumberTypeName | 'bool' | 'bit';

/** Bytes a field of this type takes. */
export function sizeOf(type: FieldTypeName): number {
  return type === 'bool' || type === 'bit' ? 1 : WIRE_TYPES[type].size;
}
