// One argument of a command: its value → the bytes that it is written as.
import type { ArgumentSpec, ArgumentValue } from './spec.js';
import { isNumberType, WIRE_TYPES } from '../wire-types.js';

/** The bytes of a checked value. */
export function encodeArgument(spec: ArgumentSpec, value: ArgumentValue): Uint8Array {
  const { type, scale = 1, offset = 0 } = spec;
  if (type === 'bool') return Uint8Array.of(value === true ? 1 : 0);
  if (!isNumberType(type)) return asciiOf(argumentText(spec, value), spec);
  const wire = WIRE_TYPES[type];
  const raw = rawOfName(spec, value) ?? (Number(value) - offset) / scale;
  const bytes = new Uint8Array(wire.size);
  wire.write(new DataView(bytes.buffer), 0, wire.integer ? Math.round(raw) : raw);
  return bytes;
}

/** What its value is to whoever gives it. */
export function argumentKind({
  type,
  names,
}: Pick<ArgumentSpec, 'type' | 'names'>): 'number' | 'boolean' | 'string' {
  if (type === 'bool') return 'boolean';
  return type === 'text' || names !== undefined ? 'string' : 'number';
}

/** Of a number what one differs from the next by; undefined where any is as good. */
export function stepOf({ type, scale, round }: ArgumentSpec): number | undefined {
  if (type === 'decimal') return round === undefined ? undefined : Number((10 ** -round).toFixed(round));
  return isNumberType(type) && WIRE_TYPES[type].integer ? Math.abs(scale ?? 1) : undefined;
}

/** Bytes that it takes, of a text without `pad` at the most. */
export function argumentLength({ type, length = 0 }: ArgumentSpec): number {
  if (type === 'bool') return 1;
  return isNumberType(type) ? WIRE_TYPES[type].size : length;
}

/** False for what is as long as its text. */
export function isOfOneLength({ type, pad }: ArgumentSpec): boolean {
  return type === 'bool' || isNumberType(type) || pad !== undefined;
}

/** A text as it is, and a number as the device reads it: with a point, and no exponent. */
export function argumentText({ type, round }: ArgumentSpec, value: ArgumentValue): string {
  if (type !== 'decimal') return String(value);
  if (round !== undefined) return Number(value).toFixed(round);
  const text = String(value);
  return text.includes('e')
    ? Number(value)
        .toFixed(MOST_DIGITS)
        .replace(/\.?0+$/, '')
    : text;
}

/** Behind the point: JavaScript writes an exponent below 0.000001 only. */
const MOST_DIGITS = 20;

function asciiOf(text: string, { length = 0, pad }: ArgumentSpec): Uint8Array {
  const ascii = Array.from(text, (character) => character.charCodeAt(0)).slice(0, length);
  if (pad === undefined) return Uint8Array.from(ascii);
  const bytes = new Uint8Array(length).fill(pad);
  bytes.set(ascii);
  return bytes;
}

function rawOfName({ names }: ArgumentSpec, value: ArgumentValue): number | undefined {
  if (names === undefined) return undefined;
  return [...names].find(([, name]) => name === value)?.[0];
}
