// A sample's description → where each byte of the reply belongs, and every mistake that its schema can't see.
import { bodyLength } from '../../codec/frame.js';
import type { FieldSpec, SampleSpec } from '../../device-type.js';
import { defined } from '../defined.js';
import { resolveQuestion } from './question.js';
import { layOut, layOutParts } from './lay-out.js';
import type { Report } from '../report.js';
import { durationMs } from '../schema/scalars.js';
import type { TypeInput } from '../schema/type.js';

type SampleInput = TypeInput['samples'][number];

export function resolveSample(input: SampleInput, report: Report): SampleSpec {
  const everyMs = durationMs(input.every);
  if (everyMs < 1) report(['every'], 'must be at least 1ms');
  const question = resolveQuestion(input, report);
  if (Object.keys(input.fields).length === 0) report(['fields'], 'names no field; say what the bytes mean');
  const fields =
    input.split === undefined
      ? layOut(input.fields, bodyLength(question), report)
      : layOutParts(input.fields, report);
  reportSlowReads(fields, everyMs, report);
  const onChange = resolveOnChange(input, fields, report);
  if (question.delayMs !== undefined && question.delayMs >= everyMs)
    report(['delay'], 'is as long as every; read less often');
  return {
    everyMs,
    ...question,
    fields,
    ...defined({ split: input.split, onChange }),
  };
}

const USUAL_SILENCE = '10m';

function resolveOnChange(
  input: SampleInput,
  fields: readonly FieldSpec[],
  report: Report,
): SampleSpec['onChange'] | undefined {
  if (input.publish === 'on_change') {
    const longestSilenceMs = durationMs(input.longest_silence ?? USUAL_SILENCE);
    if (longestSilenceMs < durationMs(input.every) && input.longest_silence !== undefined)
      report(['longest_silence'], 'is shorter than every; make it longer, or read more often');
    return { longestSilenceMs };
  }
  const needs = 'has no meaning where all is published; say publish: on_change, or remove it';
  if (input.longest_silence !== undefined) report(['longest_silence'], needs);
  for (const { id, deadband } of fields)
    if (deadband !== undefined) report(['fields', id, 'deadband'], needs);
  return undefined;
}

/** A counter that is read less often than it changes can't be seen to stand still. */
function reportSlowReads(fields: readonly FieldSpec[], everyMs: number, report: Report): void {
  for (const { id, changesWithinMs } of fields) {
    if (changesWithinMs !== undefined && changesWithinMs < everyMs)
      report(['fields', id, 'changes_within'], 'is shorter than every; make it longer, or read more often');
  }
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
