// Tests of other fields, in `only_if` and `valid`: what they name is there in time, and has a number to be looked at.
import { valueTypeOf } from '../../../codec/fields.js';
import { COMPUTED, isNumberType, WIRE_TYPES } from '../../../codec/wire-types.js';
import type { FieldSpec, StepSpec } from '../../../device-type.js';
import { below, type Report } from '../../report.js';
import type { FieldInput } from '../../schema/field.js';
import type { FieldTestInput } from '../../schema/reply-test.js';
import type { StepInput } from '../../schema/step.js';
import { reportTest } from './reply-tests.js';

type Path = readonly (string | number)[];
type Described = readonly (readonly [path: Path, fields: Readonly<Record<string, FieldInput>>])[];

interface Named {
  readonly field: FieldSpec;
  /** A part of a split text: it has no bytes of its own. */
  readonly isPart: boolean;
}
type AllNamed = ReadonlyMap<string, Named>;

export function reportOnlyIf(
  described: readonly StepInput[],
  steps: readonly StepSpec[],
  report: Report,
): void {
  for (const [index, { only_if: tests }] of described.entries()) {
    const earlier = readBy(steps.slice(0, index));
    for (const one of [tests ?? []].flat())
      reportOne(one, earlier, 'which no earlier step reads', below(report, 'steps', index, 'only_if'));
  }
}

/** Where all steps are taken, whatever was read before. */
export function refuseOnlyIf({ only_if: tests }: StepInput, report: Report): void {
  if (tests !== undefined)
    report(['only_if'], 'is for samples and constants; here every step is taken, so remove it');
}

/** `computed`: in the order in which they are. */
export function reportValid(
  described: Described,
  steps: readonly StepSpec[],
  computed: readonly FieldSpec[],
  report: Report,
): void {
  const read = readBy(steps);
  for (const [path, fields] of described) {
    for (const [id, { valid, compute }] of Object.entries(fields)) {
      const place = computed.findIndex((field) => field.id === id);
      const before = compute === undefined ? [] : computed.slice(0, place === -1 ? undefined : place);
      const inTime = new Map([
        ...read,
        ...before.map((field) => [field.id, { field, isPart: false }] as const),
      ]);
      for (const one of [valid ?? []].flat()) {
        const isLate = !inTime.has(one.field) && computed.some((field) => field.id === one.field);
        const why = isLate
          ? 'which is computed too late for it'
          : 'which is no field of the same sample or command';
        reportOne(one, inTime, why, below(report, ...path, id, 'valid'));
      }
    }
  }
}

function readBy(steps: readonly StepSpec[]): AllNamed {
  return new Map(
    steps.flatMap(({ fields, split }) =>
      fields.map((field) => [field.id, { field, isPart: split !== undefined }] as const),
    ),
  );
}

function reportOne(
  { field: name, ...test }: FieldTestInput,
  all: AllNamed,
  missing: string,
  report: Report,
): void {
  reportTest(test, report);
  const named = all.get(name);
  if (named === undefined) report(['field'], `names ${name}, ${missing}`);
  else if (!hasNumber(named))
    report(['field'], `names ${name}, which has no raw number that could be looked at: it is never so`);
  else if (named.field.type === 'bit') reportBit(test, report);
  else if (test.mask !== undefined && isFraction(named.field))
    report(['mask'], `needs a whole number, and ${name} is of type ${named.field.type}`);
}

function hasNumber({ field, isPart }: Named): boolean {
  const { type } = field;
  if (type === COMPUTED) return valueTypeOf(field) === 'number';
  return !isPart && (isNumberType(type) || type === 'bool' || type === 'bit');
}

function isFraction({ type }: FieldSpec): boolean {
  return isNumberType(type) && !WIRE_TYPES[type].integer;
}

function reportBit({ mask, is }: Omit<FieldTestInput, 'field'>, report: Report): void {
  if (mask !== undefined && mask % 2 === 0)
    report(['mask'], 'looks beside a field of one bit, which is 0 or 1; remove it');
  if ([is ?? []].flat().some((value) => value !== 0 && value !== 1))
    report(['is'], 'is of a field of one bit, which is 0 or 1');
}
