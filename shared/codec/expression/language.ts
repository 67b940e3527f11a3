// The small language of computed fields: which operators and functions it has, of what, and what each gives. Total: every
// expression ends, at a cost bounded by its length.
export type ValueType = 'number' | 'boolean';

/** `none` says that there is no value; it fits where a number or a truth is expected. */
export type NodeType = ValueType | 'none';

export interface Operation {
  /** Of its operands, the last one for all that follow; `same`: the type of the result. */
  readonly takes: readonly ValueType[];
  readonly gives: ValueType;
  readonly least: number;
  readonly most: number;
  readonly run: (...operands: number[]) => number | boolean;
}

/** A function may take a list, such as a table of a data sheet. */
export const MOST_OPERANDS = 64;

function numeric(count: number, run: (...operands: number[]) => number): Operation {
  return { takes: ['number'], gives: 'number', least: count, most: count, run };
}

function comparing(run: (a: number, b: number) => boolean): Operation {
  return { takes: ['number'], gives: 'boolean', least: 2, most: 2, run };
}

export const OPERATORS: ReadonlyMap<string, Operation> = new Map([
  ['+', numeric(2, (a = 0, b = 0) => a + b)],
  ['-', numeric(2, (a = 0, b = 0) => a - b)],
  ['*', numeric(2, (a = 0, b = 0) => a * b)],
  ['/', numeric(2, (a = 0, b = 0) => a / b)],
  ['%', numeric(2, (a = 0, b = 0) => a % b)],
  ['**', numeric(2, (a = 0, b = 0) => a ** b)],
  ['&', numeric(2, (a = 0, b = 0) => onBits(a, b, (x, y) => x & y))],
  ['|', numeric(2, (a = 0, b = 0) => onBits(a, b, (x, y) => x | y))],
  ['<<', numeric(2, (a = 0, b = 0) => shifted(a, b))],
  ['>>', numeric(2, (a = 0, b = 0) => shifted(a, -b))],
  ['<', comparing((a, b) => a < b)],
  ['<=', comparing((a, b) => a <= b)],
  ['>', comparing((a, b) => a > b)],
  ['>=', comparing((a, b) => a >= b)],
  ['==', comparing((a, b) => a === b)],
  ['!=', comparing((a, b) => a !== b)],
]);

export const FUNCTIONS: ReadonlyMap<string, Operation> = new Map([
  ['abs', numeric(1, (a = 0) => Math.abs(a))],
  ['sqrt', numeric(1, (a = 0) => Math.sqrt(a))],
  ['exp', numeric(1, (a = 0) => Math.exp(a))],
  ['ln', numeric(1, (a = 0) => Math.log(a))],
  ['floor', numeric(1, (a = 0) => Math.floor(a))],
  ['ceil', numeric(1, (a = 0) => Math.ceil(a))],
  ['round', { ...numeric(1, rounded), most: 2 }],
  ['min', { ...numeric(1, Math.min), most: MOST_OPERANDS }],
  ['max', { ...numeric(1, Math.max), most: MOST_OPERANDS }],
  ['xor', numeric(2, (a = 0, b = 0) => onBits(a, b, (x, y) => x ^ y))],
  ['signed', numeric(2, signed)],
  ['pick', { ...numeric(2, pick), most: MOST_OPERANDS }],
  ['utc', numeric(6, utc)],
]);

/** `round(a)`, or `round(a, digits behind the point)`. */
function rounded(a = 0, digits = 0): number {
  const factor = 10 ** digits;
  return Math.round(a * factor) / factor;
}

/** The two's complement of so many bits. */
function signed(raw = 0, bits = 0): number {
  if (!Number.isInteger(raw) || !Number.isInteger(bits) || bits < 1 || bits > 48) return Number.NaN;
  const inside = onBits(raw, 2 ** bits - 1, (x, y) => x & y);
  return inside >= 2 ** (bits - 1) ? inside - 2 ** bits : inside;
}

/** The one of the numbers behind it, counted from 0. */
function pick(index = 0, ...numbers: number[]): number {
  return numbers[index] ?? Number.NaN;
}

/** Seconds since 1970 of a date and time; NaN for one that there is not, such as the 30th of February. */
function utc(year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0): number {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isSame =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isSame ? date.getTime() / 1000 : Number.NaN;
}

/** Bits are those of whole numbers. */
function onBits(a: number, b: number, run: (x: bigint, y: bigint) => bigint): number {
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) ? Number(run(BigInt(a), BigInt(b))) : Number.NaN;
}

/** To the left by so many bits, below 0 to the right. */
function shifted(a: number, bits: number): number {
  if (!Number.isSafeInteger(a) || !Number.isInteger(bits) || Math.abs(bits) > 52) return Number.NaN;
  return Math.floor(a * 2 ** bits);
}
