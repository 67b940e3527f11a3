// A sample's description → where each byte of the reply belongs, and every mistake that its schema can't see.
import { bodyLength } from '../codec/frame.js';
import { sizeOf } from '../codec/wire-types.js';
import type { FieldSpec, SampleSpec } from '../device-type.js';
import { defined } from './defined.js';
import { resolveFrame } from './resolve-frame.js';
import type { Report } from './report.js';
import { durationMs } from './scalars.js';
import type { TypeInput } from './type-schema.js';

type SampleInput = TypeInput['samples'][number];
type FieldInput = SampleInput['fields'][string];

export function resolveSample(input: SampleInput, report: Report): SampleSpec {
  const everyMs = durationMs(input.every);
  if (everyMs < 1) report(['every'], 'must be at least 1ms');
  const frame = resolveFrame(input, report);
  if (Object.keys(input.fields).length === 0) report(['fields'], 'names no field; say what the bytes mean');
  return {
    everyMs,
    ...frame,
    repeatedStart: input.repeated_start,
    fields: layOut(input.fields, bodyLength(frame), report),
  };
}

/** Gives every field its bytes: where `at` says, else behind the field before. Bits without `at` share a byte. */
function layOut(inputs: Readonly<Record<string, FieldInput>>, usable: number, report: Report): FieldSpec[] {
  let next = 0;
  let sharedByte: number | undefined;
  return Object.entries(inputs).map(([id, input]) => {
    const isBit = input.type === 'bit';
    const at = input.at ?? (isBit ? (sharedByte ?? next) : next);
    next = at + sizeOf(input.type);
    sharedByte = isBit ? at : undefined;
    if (next > usable)
      report(
        ['fields', id],
        `ends at byte ${String(next)}, but only ${String(usable)} of the reply are for fields; read more or move it`,
      );
    reportFieldMistakes(id, input, report);
    return { ...defined(input), id, type: input.type, at };
  });
}

function reportFieldMistakes(id: string, input: FieldInput, report: Report): void {
  if (input.type === 'bit' && input.bit === undefined)
    report(['fields', id], 'of type bit needs bit: 0 to 7');
  if (input.type !== 'bit' && input.bit !== undefined)
    report(['fields', id, 'bit'], `has no meaning for type ${input.type}; remove it or use type bit`);
  if (input.scale === 0) report(['fields', id, 'scale'], 'must not be 0: every value would be 0');
  if (input.min !== undefined && input.max !== undefined && input.min > input.max)
    report(['fields', id, 'min'], 'is above max; no value could be believed');
}

/** A device's state has one value per field id, whichever sample brought it. */
export function reportRepeatedFields(samples: readonly SampleSpec[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, sample] of samples.entries()) {
    for (const field of sample.fields) {
      if (seen.has(field.id))
        report(
          ['samples', index, 'fields', field.id],
          'is a field of an earlier sample too; give it another id',
        );
      seen.add(field.id);
    }
  }
}
