// The ids of described fields: each is that of one field, in whichever step it is read or computed.
import type { FieldInput } from '../../schema/field.js';
import type { Report } from '../../report.js';

type Fields = Readonly<Record<string, FieldInput>>;
/** The fields of each step, with their place in the description. */
export type DescribedFields = readonly (readonly [path: readonly (string | number)[], fields: Fields])[];

/** Of a field with `each` as many as it says. */
export function idsOf([id, { each }]: readonly [string, FieldInput]): readonly string[] {
  if (each === undefined) return [id];
  return Array.from({ length: each }, (_, index) => `${id}_${String(index + 1)}`);
}

export function reportTwice(described: DescribedFields, report: Report): void {
  const seen = new Set<string>();
  for (const [path, fields] of described) {
    for (const entry of Object.entries(fields)) {
      const [again] = idsOf(entry).filter((id) => seen.has(id));
      if (again !== undefined)
        report([...path, entry[0]], `is a field of an earlier step too (${again}); give it another id`);
      for (const id of idsOf(entry)) seen.add(id);
    }
  }
}
