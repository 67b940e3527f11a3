// The raw numbers and texts that a field's description names: bits, sentinels, limits; and what of them can never be.
import { calibrated, type Calibration } from '../../../codec/calibration.js';
import type { BitRange } from '../../../codec/number-codecs.js';
import {
  COMPUTED,
  isNumberType,
  isTextType,
  WIRE_TYPES,
  type FieldTypeName,
} from '../../../codec/wire-types.js';
import type { FieldSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import type { FieldInput } from '../../schema/field.js';
import type { Report } from '../../report.js';

/** A field with what its description leaves open: the type of one that is computed. */
export type TypedField = Omit<FieldInput, 'type'> & { readonly type: FieldTypeName | typeof COMPUTED };

export function resolveBits({ type, bits }: TypedField, report: Report): BitRange | undefined {
  if (bits === undefined) return undefined;
  if (!isNumberType(type) || !WIRE_TYPES[type].hasBits) {
    report(['bits'], `need a whole number of up to 48 bits, not type ${type}`);
    return undefined;
  }
  const [low, high] = bits;
  const count = WIRE_TYPES[type].size * 8;
  if (low <= high && high < count) return bits;
  report(['bits'], `are the lowest and the highest bit, from 0 to ${String(count - 1)} for ${type}`);
  return undefined;
}

/** A sentinel as the codec will read it: 0xFFFF of an int16 is -1, and a float32 has fewer digits than YAML. */
export function resolveNone(
  value: number | string,
  { type, length }: TypedField,
  bits: BitRange | undefined,
  report: (message: string) => void,
): number | string | readonly number[] {
  if (typeof value === 'string') {
    if (!isTextType(type)) report(`is a text, but ${typeInWords(type)} is a number`);
    return textOfNone(value, type, length, report);
  }
  if (type === 'text' || type === 'hex') report(`is a number, but ${type} is a text; put it in quotes`);
  if (type === 'float32le' || type === 'float32be') return Math.fround(value);
  if (!isNumberType(type)) return value;
  const { min, max } = WIRE_TYPES[type].limits(bits);
  const edge = edgeOf(type);
  if (edge !== undefined && Math.abs(value) === edge) return min < 0 ? [edge, -edge] : [edge];
  const span = max - min + 1;
  const raw = min < 0 && value > max && value < span ? value - span : value;
  reportImpossible(raw, type, bits, report);
  return raw;
}

/** As the codec will read it: hex in small letters, a text without what stands around it. */
function textOfNone(
  text: string,
  type: TypedField['type'],
  length: number | undefined,
  report: (message: string) => void,
): string {
  if (type === 'hex') {
    if (!/^[0-9a-f]+$/i.test(text) || (length !== undefined && text.length !== 2 * length))
      report(`is not ${length === undefined ? '' : `the ${String(length)} `}bytes in hex, such as '00ff'`);
    return text.toLowerCase();
  }
  if (text !== text.trim()) report('has blanks around it, which are taken off what is read; remove them');
  if (length !== undefined && text.length > length) report(`is longer than length, ${String(length)}`);
  return text;
}

/**
 * Of a number of more than 53 bits the one just beyond its largest, to which its largest is rounded: 2^63 is what both
 * 0x7FFFFFFFFFFFFFFF and 0x8000000000000000 are as numbers, and what they are read as, with either sign.
 */
function edgeOf(type: TypedField['type']): number | undefined {
  if (!isNumberType(type)) return undefined;
  const { size, integer, min } = WIRE_TYPES[type];
  const bits = size * 8;
  return integer && bits > 53 ? 2 ** (min < 0 ? bits - 1 : bits) : undefined;
}

/** The least and the largest value that the bytes can hold, where that is known. Of a polynomial the extremes are not looked for. */
export function spanOf({
  type,
  scale = 1,
  offset = 0,
  bits,
  calibration,
}: Pick<FieldSpec, 'type' | 'scale' | 'offset' | 'bits' | 'calibration'>):
  readonly [number, number] | undefined {
  if (!isNumberType(type) || calibration?.kind === 'polynomial') return undefined;
  const limits = WIRE_TYPES[type].limits(bits);
  const ends = [limits.min * scale + offset, limits.max * scale + offset];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const bends = calibration?.points.map(([said]) => said).filter((said) => said > low && said < high) ?? [];
  const values = [low, ...bends, high].map((said) =>
    calibration === undefined ? said : calibrated(calibration, said),
  );
  return [Math.min(...values), Math.max(...values)];
}

/** `min` and `max` between which no value that the bytes can hold lies. */
export function reportNeverBelieved(
  { type, scale, offset, min, max, clamp }: TypedField,
  bits: BitRange | undefined,
  calibration: Calibration | undefined,
  report: Report,
): void {
  const range = spanOf({ type, ...defined({ scale, offset, bits, calibration }) });
  if (range === undefined || clamp) return;
  const [least, most] = range;
  const span = `${String(least)} to ${String(most)}`;
  if (min !== undefined && min > most) report(['min'], `is above all that it can be (${span})`);
  if (max !== undefined && max < least) report(['max'], `is below all that it can be (${span})`);
}

export function reportImpossible(
  raw: number,
  type: TypedField['type'],
  bits: BitRange | undefined,
  report: (message: string) => void,
): void {
  if (!isNumberType(type) || !WIRE_TYPES[type].integer) return;
  const { min, max } = WIRE_TYPES[type].limits(bits);
  if (raw >= min && raw <= max && Number.isInteger(raw)) return;
  const where = bits === undefined ? type : `${type}, bits ${String(bits[0])} to ${String(bits[1])},`;
  report(`is ${String(raw)}, which ${where} can't hold (${String(min)} to ${String(max)})`);
}

export function typeInWords(type: TypedField['type']): string {
  return type === COMPUTED ? 'what is computed' : type;
}
