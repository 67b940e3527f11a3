// A step of a conversation → its write, its pause and its read, and every mistake that its schema can't see.
import { bodyLength } from '../../../codec/frame.js';
import type { StepSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import type { FieldInput } from '../../schema/field.js';
import type { StepInput } from '../../schema/step.js';
import { durationMs } from '../../schema/scalars.js';
import type { Report } from '../../report.js';
import { layOut, layOutParts } from './lay-out.js';
import { resolveQuestion } from './question.js';
import { resolveFieldTests } from './reply-tests.js';

/** Keys of a step that are of its read. */
const READ_KEYS = [
  ...(['until_ready', 'frame', 'check', 'echo', 'status', 'valid', 'configured', 'split', 'pair'] as const),
] as const;

/** `written`: its bytes, zeros in the places of arguments. Fields that are computed are not for here. */
export function resolveStep(input: StepInput, written: Uint8Array, report: Report): StepSpec {
  const { read, fields: described } = input;
  const write = written.length === 0 ? undefined : [...written];
  if (input.nack && write === undefined) report(['nack'], 'is of a write, and there is none');
  const generalCall = input.general_call || undefined;
  if (generalCall && (write === undefined || read !== undefined))
    report(['general_call'], 'is of a write alone: nobody answers for all');
  if (input.nack && input.repeated_start)
    report(['nack'], 'needs a STOP between write and read; remove it or repeated_start');
  if (input.taken_within !== undefined && input.only_if === undefined)
    report(['taken_within'], 'needs only_if: without it the step is never left out');
  const how = defined({
    nack: input.nack || undefined,
    onlyIf: resolveFieldTests(input.only_if),
    takenWithinMs: input.taken_within === undefined ? undefined : durationMs(input.taken_within),
    always: input.always || undefined,
  });
  if (read !== undefined) {
    const { write: _template, ...question } = input;
    const spec = resolveQuestion({ ...question, read, ...defined({ write }) }, report);
    const fields = resolveFields(input, bodyLength(spec), report);
    return { ...spec, fields, ...how, ...defined({ split: input.split, pair: input.pair }) };
  }
  for (const key of READ_KEYS)
    if (input[key] !== undefined) report([key], 'is of a read, and this step has none');
  if (Object.keys(described).length > 0) report(['fields'], 'are of a read, and this step has none');
  if (write === undefined && input.delay === undefined) report([], 'does nothing: add write, delay or read');
  const delayMs = input.delay === undefined ? undefined : durationMs(input.delay);
  return {
    write: written,
    readLength: 0,
    repeatedStart: false,
    fields: [],
    ...how,
    ...defined({ delayMs, generalCall }),
  };
}

/** Where the fields of a body lie that are read from it. */
export function resolveFields(
  { split, pair, fields }: Pick<StepInput, 'split' | 'pair' | 'fields'>,
  usable: number,
  report: Report,
): StepSpec['fields'] {
  if (pair !== undefined && split === undefined)
    report(['pair'], 'needs split: what stands between the parts');
  const read = Object.entries(fields).filter((entry) => isRead(entry[1]));
  if (split === undefined) return layOut(Object.fromEntries(read), usable, report);
  return layOutParts(Object.fromEntries(read), pair !== undefined, report);
}

export function isRead({ compute }: FieldInput): boolean {
  return compute === undefined;
}
