// Which raw numbers a chip is given for a judge to read: ordinary ones, and the ends of what its registers hold.
import { isNumberType, WIRE_TYPES } from '../../shared/codec/wire-types.js';
import type { DeviceType, FieldSpec, SampleSpec } from '../../shared/device-type.js';

/** Field id → raw number. */
export type RawNumbers = ReadonlyMap<string, number>;

/** So far from its example a raw number is still ordinary. */
const NEAR = [1.01, 0.97, 1.07, 0.9];
const FLOATS = [-12.5, 0, 0.25];
/** Seconds, hours, days, months and years have all of these. */
const DATES = [1, 12, 9];

/** The fields that are read of bytes, of all samples. */
function readFields({ samples }: Pick<DeviceType, 'samples'>): readonly FieldSpec[] {
  return samples.flatMap((sample) => bodies(sample).flatMap(({ fields }) => fields));
}

export function bodies(sample: SampleSpec): readonly { readonly fields: readonly FieldSpec[] }[] {
  return sample.conversation?.steps ?? [sample];
}

/** First all as the description's examples, then each field by turns at its ends while others are elsewhere. */
export function casesOf(type: DeviceType): readonly RawNumbers[] {
  const flags = flagsOf(type);
  const fields = readFields(type).filter(({ id, mask }) => !flags.has(id) && mask === undefined);
  const choices = fields.map((field) => choicesOf(field));
  const most = Math.max(1, ...choices.map(({ length }) => length));
  return Array.from({ length: most }, (_, turn) => {
    const at = (index: number): number =>
      fields[index]?.type.startsWith('bcd') === true || turn < ORDINARY ? turn : turn + index;
    return new Map(
      fields.flatMap((field, index) => {
        const own = choices[index] ?? [];
        const raw = own[at(index) % own.length];
        return raw === undefined ? [] : [[field.id, raw] as const];
      }),
    );
  });
}

/** The first cases have nothing but ordinary numbers. */
const ORDINARY = 1 + NEAR.length;

function choicesOf(field: FieldSpec): readonly number[] {
  const { type, example, bits } = field;
  if (type === 'bit' || type === 'bool') return [example ?? 0, 1];
  if (!isNumberType(type)) return [];
  if (type.startsWith('bcd')) return [...(example === undefined ? [] : [example]), ...DATES];
  const wire = WIRE_TYPES[type];
  if (!wire.integer) return [example ?? 1, ...NEAR.map((near) => (example ?? 1) * near), ...FLOATS];
  const { min, max } = wire.limits(bits);
  const middle = example ?? Math.round(min + (max - min) * 0.6);
  const near = NEAR.map((part) => Math.round(Math.min(max, Math.max(min, middle * part))));
  return [middle, ...near, min, max, ...(min < 0 ? [-1, Math.round(min / 10)] : [1])];
}

/** Fields whose bits tell that others are valid: what those are when they are not is in the conversations. */
function flagsOf({ samples }: DeviceType): ReadonlySet<string> {
  const tests = samples.flatMap(({ conversation, fields }) => [
    ...fields.flatMap(({ valid }) => valid ?? []),
    ...(conversation?.steps.flatMap(({ onlyIf }) => onlyIf ?? []) ?? []),
    ...[
      ...(conversation?.fields ?? []),
      ...(conversation?.steps.flatMap((step) => step.fields) ?? []),
    ].flatMap(({ valid }) => valid ?? []),
  ]);
  return new Set(tests.flatMap(({ field, max = 0 }) => (max > 0 ? [] : [field])));
}
