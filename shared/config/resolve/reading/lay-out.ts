// Where each field of a reply lies.
import { sizeOf } from '../../../codec/wire-types.js';
import type { FieldSpec } from '../../../device-type.js';
import type { FieldInput } from '../../schema/field.js';
import { below, type Report } from '../../report.js';
import { resolveField } from './field.js';

type FieldInputs = Readonly<Record<string, FieldInput>>;
type ReadField = FieldInput & { readonly type: NonNullable<FieldInput['type']> };

/** Bytes that fields of bits have in common, and which of their bits are taken: 8 × byte + bit in it. */
interface Shared {
  readonly at: number;
  readonly size: number;
  readonly taken: Set<number>;
}

/** Gives every field its bytes: where `at` says, else behind the field before. Bits without `at` share their bytes. */
export function layOut(inputs: FieldInputs, usable: number, report: Report): FieldSpec[] {
  let next = 0;
  let shared: Shared | undefined;
  return eachOf(inputs).map(([id, described, input]) => {
    const place = below(report, 'fields', described);
    const size = sizeOf(input.type, input.length);
    const isPart = input.bits !== undefined || input.type === 'bit';
    const sharing = isPart && shared?.size === size && input.at === undefined ? shared : undefined;
    const at = input.at ?? sharing?.at ?? next;
    next = at + size;
    if (next > usable)
      place(
        [],
        `ends at byte ${String(next)}, but only ${String(usable)} of the reply are for fields; read more or move it`,
      );
    if (size === 0) place([], `of type ${input.type} needs length: the number of its bytes`);
    shared = isPart ? (sharing ?? { at, size, taken: new Set() }) : undefined;
    if (shared !== undefined) take(shared, input, place);
    return resolveField(id, at, input, place);
  });
}

/** Id, the id it is described by, and how; a field with `each` as often as it says. One without a type was reported. */
function eachOf(inputs: FieldInputs): readonly (readonly [string, string, ReadField])[] {
  return Object.entries(inputs).flatMap(([described, { type = 'uint8', ...input }]) =>
    oneByOne(described, { ...input, type }).map(([id, one]) => [id, described, { ...one, type }] as const),
  );
}

/** A field with `each` as the fields that it stands for, each with its id; another one as it is. */
export function oneByOne(described: string, input: FieldInput): readonly (readonly [string, FieldInput])[] {
  const { each, stride, at, label, type = 'uint8' } = input;
  if (each === undefined) return [[described, input]];
  return Array.from({ length: each }, (_, index) => {
    const number = String(index + 1);
    const step = stride ?? (at === undefined ? undefined : sizeOf(type, input.length));
    const own = step === undefined || (at === undefined && index === 0) ? at : (at ?? 0) + index * step;
    const alone = { at: own, label: label === undefined ? undefined : `${label} ${number}` };
    return [`${described}_${number}`, { ...input, ...alone, each: undefined, stride: undefined }] as const;
  });
}

function take(
  { size, taken }: Shared,
  { type, bit = 0, bits = [bit, bit] }: ReadField,
  report: Report,
): void {
  const wanted = Array.from({ length: Math.max(0, bits[1] - bits[0] + 1) }, (_, index) => {
    const place = bits[0] + index;
    // Where it lies in the reply: two fields of the same bytes may differ in their order.
    return type.endsWith('be') ? 8 * (size - 1 - (place >> 3)) + (place & 7) : place;
  });
  if (wanted.some((place) => taken.has(place)))
    report([], 'has bits of a field before it; if it lies in other bytes, say at which');
  for (const place of wanted) taken.add(place);
}

/**
 * With split, each field is a part of the text: the one that `at` says, else the one behind the field before. With names
 * it is the part of its name.
 */
export function layOutParts(inputs: FieldInputs, haveNames: boolean, report: Report): FieldSpec[] {
  let next = 0;
  return eachOf(inputs).map(([id, described, input]) => {
    const place = below(report, 'fields', described);
    const at = input.at ?? next;
    next = at + 1;
    if (haveNames && input.at !== undefined)
      place(['at'], 'has no meaning where parts have names; remove it, or pair');
    if (input.type !== 'text' && input.type !== 'decimal')
      place(['type'], `is ${input.type}, but a part of a split text is text or decimal`);
    if (input.length !== undefined) place(['length'], 'has no meaning in a split text; remove it');
    return resolveField(id, at, input, place);
  });
}
