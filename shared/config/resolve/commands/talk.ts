// What a command says beyond one write: checksums of its bytes, steps, what it changes of a byte, and what it answers.
import { openEnded, templateLength } from '../../../codec/write/template.js';
import type { CheckSpec } from '../../../codec/checksum.js';
import type { ArgumentSpec, TemplatePart } from '../../../codec/write/spec.js';
import type { CommandSpec, CommandStepSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import type { CheckInput } from '../../schema/frame.js';
import type { StepInput } from '../../schema/step.js';
import type { TypeInput } from '../../schema/type.js';
import { resolveComputed } from '../reading/computed.js';
import { isHiddenIn, type KnownNames } from '../reading/conversation.js';
import { reportTwice } from '../reading/field-ids.js';
import { refuseOnlyIf, reportValid } from '../reading/field-tests.js';
import { resolveCheck } from '../reading/frame.js';
import { resolveStep } from '../reading/step.js';
import { resolveModify } from './modify.js';

export type Talk = Pick<CommandSpec, 'writeCheck' | 'steps' | 'computed' | 'answer'>;
type CommandInput = Pick<TypeInput['commands'][string], 'write' | 'write_check' | 'steps' | 'fields'>;

/** No command has its caller wait longer than this for what it does. */
const LONGEST_PAUSES_MS = 8000;

export function resolveTalk(
  input: CommandInput,
  args: readonly ArgumentSpec[],
  known: KnownNames,
  report: Report,
): Talk {
  const { write, write_check: check, steps: described, fields } = input;
  if ((write === undefined) === (described === undefined)) report([], 'needs either write, or steps');
  if (described === undefined) {
    if (Object.keys(fields).length > 0) report(['fields'], 'need steps: what is read');
    return defined({ writeCheck: writeCheckOf(check, write ?? [], args, report) });
  }
  if (check !== undefined) report(['write_check'], 'goes into one of the steps');
  const steps = described.map((step, index) => commandStep(step, args, below(report, 'steps', index)));
  const pausesMs = steps.reduce(
    (sum, { step }) => sum + (step.delayMs ?? 0) + (step.ready?.withinMs ?? 0),
    0,
  );
  if (pausesMs > LONGEST_PAUSES_MS)
    report(
      ['steps'],
      `pause for ${String(pausesMs)} ms, delay and until_ready.within together; a command may take ${String(LONGEST_PAUSES_MS)}`,
    );
  const read = steps.flatMap(({ step }) => step.fields);
  const names = { read: new Map(read.map((field) => [field.id, field])), known };
  const ofSteps = described.map((step, index) => [['steps', index, 'fields'], step.fields] as const);
  const places = [...ofSteps, [['fields'], fields] as const];
  reportTwice(places, report);
  const computed = resolveComputed(places, names, report);
  const taken = steps.map(({ step }) => step);
  reportValid(places, taken, computed, report);
  const allFields = [fields, ...described.map((step) => step.fields)];
  const isHidden = (id: string): boolean => allFields.some((one) => isHiddenIn(one, id));
  const answer = [...read, ...computed].filter(({ id }) => !isHidden(id));
  for (const { id } of answer)
    if (args.some((arg) => arg.id === id))
      report([], `has an argument and an answer ${id}; give one another id`);
  return { steps, ...(read.length === 0 ? {} : { computed, answer }) };
}

function commandStep(input: StepInput, args: readonly ArgumentSpec[], report: Report): CommandStepSpec {
  refuseOnlyIf(input, report);
  const write = partsOf(input.write ?? []);
  const step = resolveStep(input, exampleOf(write, args), report);
  // What is changed is written back behind the same bytes: the check is of all of these.
  const more = input.modify === undefined ? 0 : step.readLength;
  const writeCheck = writeCheckOf(input.write_check, input.write ?? [], args, report, more);
  const { modify: described } = input;
  if (described === undefined) return { write, step, ...defined({ writeCheck }) };
  const modify = resolveModify(described, step.readLength, args, below(report, 'modify'));
  return { write, step, modify, ...defined({ writeCheck }) };
}

/** Zeros in the places of arguments. */
function exampleOf(write: readonly TemplatePart[], args: readonly ArgumentSpec[]): Uint8Array {
  return Uint8Array.from(
    write.flatMap((part) =>
      typeof part === 'number' ? [part] : [...new Uint8Array(templateLength([part], args))],
    ),
  );
}

function partsOf(template: readonly (number | string)[]): TemplatePart[] {
  return template.map((part) => (typeof part === 'number' ? part : { argument: part.slice(1) }));
}

/**
 * The check has to come out even: bytes that no check covers would not be sent as described. `more`: bytes that follow the
 * template.
 */
export function writeCheckOf(
  input: CheckInput | undefined,
  write: readonly (number | string)[],
  args: readonly ArgumentSpec[],
  report: Report,
  more = 0,
): CheckSpec | undefined {
  if (input === undefined) return undefined;
  const check = resolveCheck(input);
  const open = openEnded(partsOf(write), args);
  if (open !== undefined && check.each !== undefined)
    report(
      ['write_check', 'each'],
      `needs a length that is known, and $${open.id} is as long as its text; give it pad`,
    );
  const length = templateLength(partsOf(write), args) + more - (check.skip ?? 0);
  if (length < 1) report(['write_check', 'skip'], 'leaves nothing to be covered');
  else if (check.each !== undefined && length % check.each !== 0)
    report(['write_check', 'each'], `does not divide the ${String(length)} bytes that it is to cover`);
  if (check.over === 'write_and_reply') report(['write_check', 'over'], 'is of a reply; a write has none');
  return check;
}
