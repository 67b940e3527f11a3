// What a sample, a constant or a command reads → one question, or a conversation where one question does not say it all.
import type { ValueType } from '../../../codec/expression/language.js';
import { bodyLength } from '../../../codec/frame.js';
import type { BodySpec, ConversationSpec, QuestionSpec, StepSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import type { FieldInput } from '../../schema/field.js';
import type { PerhapsQuestionInput, QuestionInput } from '../../schema/question.js';
import type { StepInput } from '../../schema/step.js';
import { below, type Report } from '../../report.js';
import { resolveComputed } from './computed.js';
import { idsOf, reportTwice } from './field-ids.js';
import { reportOnlyIf, reportValid } from './field-tests.js';
import { resolveQuestion } from './question.js';
import { isRead, resolveFields, resolveStep } from './step.js';

type Fields = Readonly<Record<string, FieldInput>>;

export interface ReadoutInput extends PerhapsQuestionInput {
  readonly steps?: readonly StepInput[] | undefined;
  readonly split?: string | undefined;
  readonly pair?: string | undefined;
  readonly acknowledge?: readonly number[] | undefined;
  readonly fields: Fields;
}

/** What the names of constants and parameters stand for. */
export type KnownNames = ReadonlyMap<string, ValueType>;

export type Readout = QuestionSpec & BodySpec & { readonly conversation?: ConversationSpec };

/** What a sample is asked that has a conversation: nothing by itself. */
const NO_QUESTION: QuestionSpec = { write: new Uint8Array(), readLength: 0, repeatedStart: false };

/** Of constants: always a conversation. */
export function resolveConversation(
  input: ReadoutInput,
  known: KnownNames,
  report: Report,
): ConversationSpec {
  for (const [index, { taken_within: within }] of (input.steps ?? []).entries())
    if (within !== undefined)
      report(['steps', index, 'taken_within'], 'is of a sample; constants are read once');
  const readout = resolveReadout(input, known, report);
  const { conversation, fields, ...question } = readout;
  return conversation ?? { steps: [{ ...question, fields }], computed: [], fields };
}

export function resolveReadout(input: ReadoutInput, known: KnownNames, report: Report): Readout {
  const steps = input.steps === undefined ? [onlyStep(input, report)] : stepsOf(input, input.steps, report);
  const fields = fieldsOf(input);
  const read = new Map(steps.flatMap((step) => step.fields.map((field) => [field.id, field] as const)));
  reportTwice(fields, report);
  reportOnlyIf(input.steps ?? [], steps, report);
  const computed = resolveComputed(fields, { read, known }, report);
  reportValid(fields, steps, computed, report);
  const all = new Map([...read, ...computed.map((field) => [field.id, field] as const)]);
  const told = orderedIds(input).flatMap((id) => (isHidden(id, input) ? [] : (all.get(id) ?? [])));
  const [first, ...more] = steps;
  const isPlain =
    input.steps === undefined &&
    input.acknowledge === undefined &&
    computed.length === 0 &&
    told.length === read.size &&
    told.every(({ valid }) => valid === undefined);
  if (first !== undefined && more.length === 0 && isPlain) return first;
  const acknowledge = input.acknowledge === undefined ? undefined : Uint8Array.from(input.acknowledge);
  return {
    ...NO_QUESTION,
    fields: told,
    conversation: { steps, computed, fields: told, ...defined({ acknowledge }) },
  };
}

function onlyStep(input: ReadoutInput, report: Report): StepSpec {
  const { read, split, pair } = input;
  if (read === undefined) report(['read'], 'is missing: how many bytes are read; or describe steps');
  if (input.delay !== undefined && input.write === undefined)
    report(['delay'], 'is between write and read, but there is no write');
  const asked: QuestionInput = { ...input, read: read ?? 1 };
  const question = resolveQuestion(asked, report);
  const fields = resolveFields(input, bodyLength(question), report);
  return { ...question, fields, ...defined({ split, pair }) };
}

/** Keys of a question that go into a step where there are steps. */
const STEP_KEYS = [
  ...(['write', 'read', 'delay', 'until_ready', 'frame', 'check', 'echo', 'status'] as const),
  ...(['valid', 'configured', 'split', 'pair'] as const),
] as const;

function stepsOf(input: ReadoutInput, steps: readonly StepInput[], report: Report): StepSpec[] {
  for (const key of STEP_KEYS) if (input[key] !== undefined) report([key], 'goes into one of the steps');
  for (const [id, field] of Object.entries(input.fields))
    if (isRead(field))
      report(['fields', id], 'is read by a step: describe it there; here are those with compute');
  if (!steps.some(({ read }) => read !== undefined))
    report(['steps'], 'read nothing; add read to one of them');
  const place = below(report, 'steps');
  return steps.map((step, index) =>
    resolveStep(step, plainBytes(step, below(place, index)), below(place, index)),
  );
}

/** Of a sample, a constant or an identity: nobody gives them arguments. */
export function plainBytes(
  { write = [], write_check: check, modify, general_call: isForAll, always }: StepInput,
  report: Report,
): Uint8Array {
  if (isForAll) report(['general_call'], 'is for commands; who is read speaks for itself alone');
  if (modify !== undefined) report(['modify'], 'is for commands; a sample changes nothing');
  if (always) report(['always'], 'is for commands; here the first reply that is not believed ends it');
  if (check !== undefined)
    report(['write_check'], 'is for commands; here the bytes are known: write them out');
  return Uint8Array.from(
    write.map((part) => {
      if (typeof part === 'number') return part;
      report(['write'], `uses ${part}, but only commands have arguments`);
      return 0;
    }),
  );
}

/** Of all steps, with the fields beside them, each with its place in the description. */
function fieldsOf(input: ReadoutInput): readonly (readonly [path: readonly (string | number)[], Fields])[] {
  const ofSteps = (input.steps ?? []).map(
    ({ fields }, index) => [['steps', index, 'fields'], fields] as const,
  );
  return [...ofSteps, [['fields'], input.fields] as const];
}

function orderedIds(input: ReadoutInput): readonly string[] {
  return fieldsOf(input).flatMap(([, fields]) => Object.entries(fields).flatMap(idsOf));
}

function isHidden(id: string, input: ReadoutInput): boolean {
  return fieldsOf(input).some(([, fields]) => isHiddenIn(fields, id));
}

/** By its own id, or as one of `each`. */
export function isHiddenIn(fields: Fields, id: string): boolean {
  const own = fields[id];
  if (own !== undefined) return own.hidden;
  const each = fields[id.replace(/_\d+$/, '')];
  return each?.each !== undefined && each.hidden;
}
