// What a driver of others and our description make of the same bytes, field by field.
import type { FieldSpec } from '../../shared/device-type.js';
import type { OurReading } from './ours.js';
import type { TheirReading } from './python-drivers.js';

export interface Compared {
  readonly field: string;
  readonly kind: 'same' | 'ours is null' | 'theirs is nothing' | 'differs';
  readonly ours: unknown;
  readonly theirs: unknown;
  /** Why one of them has no value. */
  readonly why?: string;
}

/** What floating point and rounding in the last digit make, of numbers of any size. */
const RELATIVE = 1e-5;
const LEAST = 1e-6;

/** Of the fields that the driver tells of. `step`: what of a field it tells no more finely. */
export function compared(
  fields: readonly FieldSpec[],
  ours: OurReading,
  theirs: TheirReading,
  step: (field: string) => number = () => 0,
): readonly Compared[] {
  return fields.flatMap((field): Compared[] => {
    const { id } = field;
    const own = ours.values[id];
    const why = ours.errors[id];
    if ('why' in theirs)
      return own === null || own === undefined
        ? [{ field: id, kind: 'same' as const, ours: own, theirs: undefined }]
        : [
            {
              field: id,
              kind: 'theirs is nothing' as const,
              ours: own,
              theirs: undefined,
              why: String(theirs.why),
            },
          ];
    if (!(id in theirs)) return [];
    const said = theirs[id];
    const both = { field: id, ours: own, theirs: said };
    if (own === null || own === undefined) {
      const isSame = said === null;
      return [{ ...both, kind: isSame ? ('same' as const) : ('ours is null' as const), why: String(why) }];
    }
    if (said === null) return [{ ...both, kind: 'theirs is nothing' as const }];
    return [{ ...both, kind: isNear(own, said, field, step(id)) ? ('same' as const) : ('differs' as const) }];
  });
}

function isNear(own: unknown, said: unknown, { round }: FieldSpec, step: number): boolean {
  if (typeof own !== 'number' || typeof said !== 'number') return own === said;
  const rounded = round === undefined ? 0 : 0.5000001 * 10 ** -round;
  return Math.abs(own - said) <= rounded + step + LEAST + RELATIVE * Math.abs(said);
}
