// A field's description → what it means, and every mistake that its schema can't see.
import { calibrated, type Calibration } from '../../codec/calibration.js';
import { valueTypeOf } from '../../codec/fields.js';
import type { BitRange } from '../../codec/number-codecs.js';
import { isTextType, WIRE_TYPES, type FieldTypeName, type NumberTypeName } from '../../codec/wire-types.js';
import type { FieldSpec, MaxStep } from '../../device-type.js';
import { defined } from '../defined.js';
import { reportClass } from './shown.js';
import { MAX_STEP, type FieldInput } from '../schema/field.js';
import { below, reportTwins, type Report } from '../report.js';
import { durationMs } from '../schema/scalars.js';

/** The field whose bytes begin at `at`, or the part of a split text. Mistakes are reported with their path below it. */
export function resolveField(id: string, at: number, input: FieldInput, report: Report): FieldSpec {
  const names = input.names === undefined ? undefined : namesOf(input.names);
  const calibration = input.calibrate === undefined ? undefined : resolveCalibration(input.calibrate, report);
  reportKeysOfOtherTypes(input, report);
  if (input.scale === 0) report(['scale'], 'must not be 0: every value would be 0');
  if (input.min !== undefined && input.max !== undefined && input.min > input.max)
    report(['min'], 'is above max; no value could be believed');
  const bits = resolveBits(input, report);
  const none = input.none?.flatMap((value, index) =>
    resolveNone(value, input, bits, (message) => {
      report(['none', index], message);
    }),
  );
  reportTwins(input.names ?? {}, below(report, 'names'));
  reportNeverBelieved(input, bits, calibration, report);
  for (const raw of names?.keys() ?? [])
    reportImpossible(raw, input.type, bits, (message) => {
      report(['names', String(raw)], message);
    });
  reportClass(input, names, report);
  const { scale, offset, round, unit, min, max, label, length, bit, median, deadband, was } = input;
  const maxStep = input.max_step === undefined ? undefined : maxStepOf(input.max_step);
  const changesWithinMs = input.changes_within === undefined ? undefined : durationMs(input.changes_within);
  return {
    id,
    type: input.type,
    at,
    ...defined({
      scale,
      offset,
      round,
      unit,
      min,
      max,
      label,
      length,
      bit,
      bits,
      none,
      names,
      calibration,
      maxStep,
      median,
      changesWithinMs,
      deadband,
      deviceClass: input.class,
      was,
    }),
  };
}

function maxStepOf(text: number | string): MaxStep {
  if (typeof text === 'number') return { by: text };
  const [, by, unit] = MAX_STEP.exec(text) ?? [];
  return { by: Number(by), perMs: durationMs(`1${unit ?? ''}`) };
}

// ── keys and types ──────────────────────────────────────────────────────────────────────────────────────

/** Keys that only a number has a use for. */
const NUMBER_KEYS = [
  'scale',
  'offset',
  'calibrate',
  'round',
  'min',
  'max',
  'max_step',
  'median',
  'changes_within',
  'deadband',
] as const;

function reportKeysOfOtherTypes(input: FieldInput, report: Report): void {
  const { type } = input;
  if (type === 'bit' && input.bit === undefined) report([], 'of type bit needs bit: 0 to 7');
  if (type !== 'bit' && input.bit !== undefined)
    report(['bit'], `has no meaning for type ${type}; remove it or use type bit`);
  if (input.length !== undefined && !isTextType(type))
    report(['length'], `has no meaning for type ${type}, which has its own; remove it`);
  if (input.names !== undefined && !isWhole(type)) report(['names'], `need a whole number, not type ${type}`);
  if (input.none !== undefined && (type === 'bool' || type === 'bit'))
    report(['none'], `has no meaning for type ${type}, which is always true or false; remove it`);
  if (valueTypeOf({ type, ...defined({ names: input.names && namesOf(input.names) }) }) === 'number') return;
  const what = input.names === undefined ? `type ${type}` : 'a field with names';
  for (const key of NUMBER_KEYS) {
    if (input[key] !== undefined) report([key], `has no meaning for ${what}; remove it`);
  }
}

function isNumberType(type: FieldTypeName): type is NumberTypeName {
  return type in WIRE_TYPES;
}

function isWhole(type: FieldTypeName): boolean {
  return isNumberType(type) && WIRE_TYPES[type].integer;
}

function namesOf(input: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(input).map(([raw, name]) => [Number(raw), name]));
}

// ── raw numbers ─────────────────────────────────────────────────────────────────────────────────────────

function resolveBits({ type, bits }: FieldInput, report: Report): BitRange | undefined {
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
function resolveNone(
  value: number | string,
  { type, length }: FieldInput,
  bits: BitRange | undefined,
  report: (message: string) => void,
): number | string | readonly number[] {
  if (typeof value === 'string') {
    if (!isTextType(type)) report(`is a text, but ${type} is a number`);
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
  type: FieldTypeName,
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
function edgeOf(type: FieldTypeName): number | undefined {
  if (!isNumberType(type)) return undefined;
  const { size, integer, min } = WIRE_TYPES[type];
  const bits = size * 8;
  return integer && bits > 53 ? 2 ** (min < 0 ? bits - 1 : bits) : undefined;
}

/** `min` and `max` between which no value that the bytes can hold lies. Of a polynomial the extremes are not looked for. */
function reportNeverBelieved(
  { type, scale = 1, offset = 0, min, max }: FieldInput,
  bits: BitRange | undefined,
  calibration: Calibration | undefined,
  report: Report,
): void {
  if (!isNumberType(type) || calibration?.kind === 'polynomial') return;
  const limits = WIRE_TYPES[type].limits(bits);
  const ends = [limits.min * scale + offset, limits.max * scale + offset];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const bends = calibration?.points.map(([said]) => said).filter((said) => said > low && said < high) ?? [];
  const values = [low, ...bends, high].map((said) =>
    calibration === undefined ? said : calibrated(calibration, said),
  );
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = `${String(least)} to ${String(most)}`;
  if (min !== undefined && min > most) report(['min'], `is above all that it can be (${span})`);
  if (max !== undefined && max < least) report(['max'], `is below all that it can be (${span})`);
}

function reportImpossible(
  raw: number,
  type: FieldTypeName,
  bits: BitRange | undefined,
  report: (message: string) => void,
): void {
  if (!isNumberType(type) || !WIRE_TYPES[type].integer) return;
  const { min, max } = WIRE_TYPES[type].limits(bits);
  if (raw >= min && raw <= max && Number.isInteger(raw)) return;
  const where = bits === undefined ? type : `${type}, bits ${String(bits[0])} to ${String(bits[1])},`;
  report(`is ${String(raw)}, which ${where} can't hold (${String(min)} to ${String(max)})`);
}

// ── calibration ─────────────────────────────────────────────────────────────────────────────────────────

function resolveCalibration(
  { points, polynomial }: NonNullable<FieldInput['calibrate']>,
  report: Report,
): Calibration | undefined {
  if ((points === undefined) === (polynomial === undefined)) {
    report(['calibrate'], 'needs either points or a polynomial');
    return undefined;
  }
  if (polynomial !== undefined) return { kind: 'polynomial', coefficients: polynomial };
  if (points === undefined) return undefined;
  const falling = points.findIndex(
    ([said], index) => said <= (points[index - 1]?.[0] ?? Number.NEGATIVE_INFINITY),
  );
  if (falling !== -1)
    report(['calibrate', 'points', falling], 'must have a higher first number than the point before it');
  return { kind: 'points', points };
}
