// Between which limits a field's values can lie, and the raw number that stands for one: the codec the other way round.
import { uncalibrated } from '../../../shared/codec/calibration.js';
import { toValue } from '../../../shared/codec/number-value.js';
import { isNumberType, WIRE_TYPES } from '../../../shared/codec/wire-types.js';
import type { FieldSpec } from '../../../shared/device-type.js';

/** The range of a field without limits, in its unit. */
const DEFAULT_SPAN = 100;

interface Limits {
  readonly min: number;
  readonly max: number;
}

/** Between `low` and `high` the simulated value moves. */
export function rangeOf(field: FieldSpec): { readonly low: number; readonly high: number } {
  const limits = physicalLimits(field);
  const top = Math.min(field.max ?? limits.max, limits.max);
  const low = Math.max(field.min ?? Math.min(0, top - DEFAULT_SPAN), limits.min);
  return { low, high: field.max === undefined ? Math.min(top, low + DEFAULT_SPAN) : top };
}

/** The values that are believed. */
export function limitsOf(field: FieldSpec): Limits {
  const { min, max } = physicalLimits(field);
  return { min: Math.max(min, field.min ?? min), max: Math.min(max, field.max ?? max) };
}

/** The raw number of a value, as near as the type can hold it. */
export function nearestRaw(field: FieldSpec, value: number): number {
  const { scale = 1, offset = 0, calibration, type } = field;
  const raws = rawLimits(field);
  const [low, high] = linearEnds(raws, field);
  const linear = calibration === undefined ? value : uncalibrated(calibration, value, low, high);
  const raw = (linear - offset) / scale;
  const fitting = Math.min(raws.max, Math.max(raws.min, raw));
  return isNumberType(type) && WIRE_TYPES[type].integer ? Math.round(fitting) : fitting;
}

/** The raw number beside it, within what is believed: the smallest change there is. */
export function neighbourOf(field: FieldSpec, raw: number): number {
  const { low, high } = rangeOf(field);
  const above = toValue(raw + 1, field);
  return raw + 1 <= rawLimits(field).max && above >= low && above <= high ? raw + 1 : raw - 1;
}

/** Beyond this no sensor's number is looked for: a polynomial of the largest floats is not a number. */
const MOST = { min: -1e6, max: 1e6 };

/** What the bytes can hold; a calibration of points is trusted no further than its points. */
function rawLimits({ type, bits, calibration }: FieldSpec): Limits {
  if (!isNumberType(type) || (calibration?.kind === 'polynomial' && !WIRE_TYPES[type].integer)) return MOST;
  return WIRE_TYPES[type].limits(bits);
}

function linearEnds({ min, max }: Limits, field: FieldSpec): readonly [number, number] {
  const { scale = 1, offset = 0, calibration } = field;
  const ends = [min * scale + offset, max * scale + offset].sort((a, b) => a - b);
  const [low = min, high = max] = ends;
  if (calibration?.kind !== 'points') return [low, high];
  return [
    Math.max(low, calibration.points[0]?.[0] ?? low),
    Math.min(high, calibration.points.at(-1)?.[0] ?? high),
  ];
}

/** What the type can hold, in the field's unit. */
function physicalLimits(field: FieldSpec): Limits {
  const { calibration } = field;
  const ends = linearEnds(rawLimits(field), field).map((linear) =>
    calibration === undefined ? linear : toValue(linear, { calibration }),
  );
  return { min: Math.min(...ends), max: Math.max(...ends) };
}

export function isWhole({ type }: FieldSpec): boolean {
  return isNumberType(type) && WIRE_TYPES[type].integer;
}
