// A sample's description → where each byte of the reply belongs, and every mistake that its schema can't see.
import { READ_FOR } from '../../../codec/conversation.js';
import type { FieldSpec, QuestionSpec, SampleSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { resolveReadout, type KnownNames } from './conversation.js';
import type { Report } from '../../report.js';
import { durationMs } from '../../schema/scalars.js';
import type { TypeInput } from '../../schema/type.js';

type SampleInput = TypeInput['samples'][number];

/** `known`: the constants and parameters of its type. */
export function resolveSample(input: SampleInput, known: KnownNames, report: Report): SampleSpec {
  const everyMs = durationMs(input.every);
  if (everyMs < 1) report(['every'], 'must be at least 1ms');
  const readout = resolveReadout(input, known, report);
  const { fields, conversation } = readout;
  if (fields.length === 0 && !tellsOfSetUp(readout))
    report(['fields'], 'names no field; say what the bytes mean');
  reportSlowReads(fields, everyMs, report);
  const onChange = resolveOnChange(input, fields, report);
  reportHiddenNames(readout, known, report);
  reportLongPauses(conversation?.steps ?? [readout], everyMs, (key, message) => {
    report(input.steps === undefined ? [key] : ['steps'], message);
  });
  return { everyMs, ...readout, ...defined({ onChange }) };
}

/** A field that has the name of a constant or a parameter would stand in its place, wherever it is computed with. */
function reportHiddenNames(
  { fields, conversation }: Omit<SampleSpec, 'everyMs'>,
  known: KnownNames,
  report: Report,
): void {
  const all = [
    ...fields,
    ...(conversation?.steps.flatMap((step) => step.fields) ?? []),
    ...(conversation?.computed ?? []),
  ];
  for (const id of new Set(all.map((field) => field.id)))
    if (known.has(id))
      report(
        ['fields', id],
        id === READ_FOR
          ? 'is a name that every computed field knows: for how many seconds the device has been read'
          : 'is the name of a constant or a parameter too; give one of them another',
      );
}

/** While it waits the device takes no command; one that stays busy would take none ever. */
function reportLongPauses(
  steps: readonly QuestionSpec[],
  everyMs: number,
  report: (key: string, message: string) => void,
): void {
  const pausesMs = steps.reduce((sum, { delayMs = 0 }) => sum + delayMs, 0);
  const readyMs = steps.reduce((sum, { ready }) => sum + (ready?.withinMs ?? 0), 0);
  if (pausesMs > 0 && pausesMs >= everyMs) report('delay', 'is as long as every; read less often');
  else if (readyMs > everyMs)
    report(
      'until_ready',
      `may take ${String(readyMs)} ms, which is longer than every; shorten within, or read less often`,
    );
}

/** Such a sample may have no field: it is read to see whether the device was reset. */
function tellsOfSetUp({ configured, conversation }: Omit<SampleSpec, 'everyMs'>): boolean {
  return (
    configured !== undefined || conversation?.steps.some((step) => step.configured !== undefined) === true
  );
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
