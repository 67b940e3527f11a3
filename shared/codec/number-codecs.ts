// How numbers lie in bytes: whole numbers, BCD and floats, of either byte order.

/** Lowest and highest bit of a part of a number, both included; 0 is the least significant. */
export type BitRange = readonly [number, number];

export interface WireType {
  readonly size: number;
  /** What it can hold; for more than 53 bits the nearest numbers inside. */
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  /** Whether a part of its bits can be read. */
  readonly hasBits: boolean;
  /** NaN where the bytes are no such number. */
  read(view: DataView, at: number, bits?: BitRange): number;
  /** Leaves the other bits as they are. */
  write(view: DataView, at: number, value: number, bits?: BitRange): void;
  /** The limits of a part of its bits. */
  limits(bits?: BitRange): { readonly min: number; readonly max: number };
}

/** Up to here a JavaScript number counts every whole number that the bytes can hold, and its arithmetic is exact. */
const EXACT_BITS = 48;

function unsignedAt(view: DataView, at: number, size: number, littleEndian: boolean): number {
  let raw = 0;
  for (let i = 0; i < size; i++) raw = raw * 256 + view.getUint8(littleEndian ? at + size - 1 - i : at + i);
  return raw;
}

function putUnsigned(view: DataView, at: number, size: number, littleEndian: boolean, value: number): void {
  let rest = value;
  for (let i = 0; i < size; i++) {
    view.setUint8(littleEndian ? at + i : at + size - 1 - i, rest % 256);
    rest = Math.floor(rest / 256);
  }
}

/** What the bits of an unsigned number mean, and back. */
interface Meaning {
  toValue(raw: number, width: number): number;
  toRaw(value: number, width: number): number;
  limits(width: number): { readonly min: number; readonly max: number };
}

const UNSIGNED: Meaning = {
  toValue: (raw) => raw,
  toRaw: (value) => value,
  limits: (width) => ({ min: 0, max: 2 ** width - 1 }),
};

const SIGNED: Meaning = {
  toValue: (raw, width) => (raw >= 2 ** (width - 1) ? raw - 2 ** width : raw),
  toRaw: (value, width) => (value < 0 ? value + 2 ** width : value),
  limits: (width) => ({ min: -(2 ** (width - 1)), max: 2 ** (width - 1) - 1 }),
};

/** The highest bit is the sign of the number in the others: 80 49 is -73. */
const SIGN_MAGNITUDE: Meaning = {
  toValue: (raw, width) => (raw >= 2 ** (width - 1) ? 2 ** (width - 1) - raw : raw),
  // + 0 makes -0 a 0.
  toRaw: (value, width) => (value < 0 ? 2 ** (width - 1) - value : value + 0),
  limits: (width) => ({ min: -(2 ** (width - 1)) + 1, max: 2 ** (width - 1) - 1 }),
};

const BCD: Meaning = {
  toValue: (raw) => {
    const digits = raw.toString(16);
    return /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  },
  toRaw: (value) => Number.parseInt(String(value), 16),
  limits: (width) => ({ min: 0, max: Number(String(2 ** (width % 4) - 1 || '') + '9'.repeat(width >> 2)) }),
};

function exact(bytes: number, meaning: Meaning, littleEndian: boolean): WireType {
  const widthOf = (bits: BitRange | undefined): number =>
    bits === undefined ? bytes * 8 : bits[1] - bits[0] + 1;
  return {
    size: bytes,
    ...meaning.limits(bytes * 8),
    integer: true,
    hasBits: true,
    limits: (bits) => meaning.limits(widthOf(bits)),
    read: (view, at, bits) => {
      const width = widthOf(bits);
      const raw = unsignedAt(view, at, bytes, littleEndian);
      return meaning.toValue(Math.floor(raw / 2 ** (bits?.[0] ?? 0)) % 2 ** width, width);
    },
    write: (view, at, value, bits) => {
      const width = widthOf(bits);
      const place = 2 ** (bits?.[0] ?? 0);
      const before = unsignedAt(view, at, bytes, littleEndian);
      const old = Math.floor(before / place) % 2 ** width;
      putUnsigned(view, at, bytes, littleEndian, before + (meaning.toRaw(value, width) - old) * place);
    },
  };
}

/** Read exactly and rounded once, to the nearest number: as float64 would hold it. */
function long(bytes: number, signed: boolean, littleEndian: boolean): WireType {
  const width = bytes * 8;
  // The nearest double below the limit: the limit itself rounds up to what no longer fits.
  const top = 2 ** (signed ? width - 1 : width) * (1 - 2 ** -53);
  const limits = { min: signed ? -(2 ** (width - 1)) : 0, max: top };
  const place = (at: number, i: number): number => (littleEndian ? at + bytes - 1 - i : at + i);
  return {
    size: bytes,
    ...limits,
    integer: true,
    hasBits: false,
    limits: () => limits,
    read: (view, at) => {
      let raw = 0n;
      for (let i = 0; i < bytes; i++) raw = (raw << 8n) | BigInt(view.getUint8(place(at, i)));
      return Number(signed ? BigInt.asIntN(width, raw) : raw);
    },
    write: (view, at, value) => {
      let rest = BigInt.asUintN(width, BigInt(value));
      for (let i = bytes - 1; i >= 0; i--) {
        view.setUint8(place(at, i), Number(rest & 0xffn));
        rest >>= 8n;
      }
    },
  };
}

export function unsigned(bits: number, littleEndian = true): WireType {
  return bits > EXACT_BITS ? long(bits / 8, false, littleEndian) : exact(bits / 8, UNSIGNED, littleEndian);
}

export function signed(bits: number, littleEndian = true): WireType {
  return bits > EXACT_BITS ? long(bits / 8, true, littleEndian) : exact(bits / 8, SIGNED, littleEndian);
}

export function signMagnitude(bits: 8 | 16 | 24 | 32, littleEndian = true): WireType {
  return exact(bits / 8, SIGN_MAGNITUDE, littleEndian);
}

/** Two decimal digits a byte; a digit above 9 is not a number. */
export function bcd(bits: 8 | 16 | 24 | 32, littleEndian = true): WireType {
  return exact(bits / 8, BCD, littleEndian);
}

const FLOAT32_MAX = 3.4028234663852886e38;

export function float32(littleEndian: boolean): WireType {
  const limits = { min: -FLOAT32_MAX, max: FLOAT32_MAX };
  return {
    size: 4,
    ...limits,
    integer: false,
    hasBits: false,
    limits: () => limits,
    read: (view, at) => view.getFloat32(at, littleEndian),
    write: (view, at, value) => {
      view.setFloat32(at, value, littleEndian);
    },
  };
}

export function float64(littleEndian: boolean): WireType {
  const limits = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
  return {
    size: 8,
    ...limits,
    integer: false,
    hasBits: false,
    limits: () => limits,
    read: (view, at) => view.getFloat64(at, littleEndian),
    write: (view, at, value) => {
      view.setFloat64(at, value, littleEndian);
    },
  };
}
