// A field's description → what it means, and every mistake that its schema can't see.
import type { Calibration } from '../../../codec/calibration.js';
import { valueTypeOf } from '../../../codec/fields.js';
import type { Expression } from '../../../codec/expression/parse.js';
import { COMPUTED, isNumberType, isTextType, WIRE_TYPES } from '../../../codec/wire-types.js';
import type { FieldSpec, MaxStep } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { reportClass } from './shown.js';
import { MAX_STEP, type FieldInput } from '../../schema/field.js';
import {
  reportImpossible,
  reportNeverBelieved,
  resolveBits,
  resolveNone,
  type TypedField,
} from './raw-number.js';
import { resolveFieldTests } from './reply-tests.js';
import { below, reportTwins, type Report } from '../../report.js';
import { durationMs } from '../../schema/scalars.js';

/**
 * The field whose bytes begin at `at`, or the part of a split text, or what is computed. Mistakes are reported with their
 * path below it.
 */
export function resolveField(
  id: string,
  at: number,
  described: FieldInput,
  report: Report,
  compute?: Expression,
): FieldSpec {
  const input: TypedField = { ...described, type: described.type ?? COMPUTED };
  const names = input.names === undefined ? undefined : namesOf(input.names);
  const calibration = input.calibrate === undefined ? undefined : resolveCalibration(input.calibrate, report);
  reportKeysOfOtherTypes(input, compute, report);
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
  reportClass(input, { names, compute }, report);
  if (input.clamp && input.min === undefined && input.max === undefined)
    report(['clamp'], 'needs min or max: what it is then');
  const valid = resolveFieldTests(input.valid);
  const is = input.is === undefined ? undefined : [input.is].flat();
  const { mask, swap, key, example, format } = input;
  const { scale, offset, round, unit, min, max, label, length, bit, median, deadband } = input;
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
      was: input.was,
      ...{ mask, is, swap, key, example, format, compute },
      valid,
      clamp: input.clamp || undefined,
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

/** Keys that say where and how bytes lie. */
const BYTE_KEYS = ['at', 'each', 'stride', 'length', 'bit', 'bits', 'swap', 'key', 'example'] as const;

function reportKeysOfOtherTypes(input: TypedField, compute: Expression | undefined, report: Report): void {
  const { type, names, mask } = input;
  if (type === COMPUTED) {
    for (const key of BYTE_KEYS)
      if (input[key] !== undefined) report([key], 'has no meaning for a field that is computed; remove it');
  } else {
    reportKeysOfBytes(input, report);
    if (names !== undefined && !isWhole(type)) report(['names'], `need a whole number, not type ${type}`);
    if (mask !== undefined && !isWhole(type)) report(['mask'], `needs a whole number, not type ${type}`);
  }
  if (mask !== undefined && names !== undefined)
    report(['mask'], 'makes it true or false; remove it or names');
  if (input.is !== undefined && mask === undefined) report(['is'], 'needs mask: the bits that are looked at');
  if (input.none !== undefined && (type === 'bool' || type === 'bit'))
    report(['none'], `has no meaning for type ${type}, which is always true or false; remove it`);
  const told = { type, ...defined({ names: names && namesOf(names), mask, compute }) };
  if (valueTypeOf(told) !== 'number') reportNumberKeys(input, report);
}

function reportKeysOfBytes(input: TypedField, report: Report): void {
  const { type, swap } = input;
  if (type === 'bit' && input.bit === undefined) report([], 'of type bit needs bit: 0 to 7');
  if (type !== 'bit' && input.bit !== undefined)
    report(['bit'], `has no meaning for type ${type}; remove it or use type bit`);
  if (input.length !== undefined && !isTextType(type))
    report(['length'], `has no meaning for type ${type}, which has its own; remove it`);
  if (input.stride !== undefined && input.each === undefined)
    report(['stride'], 'needs each: how many there are');
  if (input.stride !== undefined && input.at === undefined)
    report(['stride'], 'needs at: where the first one lies');
  const size = isNumberType(type) ? WIRE_TYPES[type].size : (input.length ?? 1);
  if (swap !== undefined && size % 2 !== 0) report(['swap'], 'needs an even number of bytes');
}

function reportNumberKeys(input: TypedField, report: Report): void {
  const { type, names } = input;
  const what = names === undefined ? `type ${type}` : 'a field with names';
  for (const key of NUMBER_KEYS) {
    if (input[key] !== undefined) report([key], `has no meaning for ${what}; remove it`);
  }
}

function isWhole(type: TypedField['type']): boolean {
  return isNumberType(type) && WIRE_TYPES[type].integer;
}

export function namesOf(input: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(input).map(([raw, name]) => [Number(raw), name]));
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
