// A command's description → its template and the limits of its arguments, and every mistake that its schema can't see.
import { bodyLength } from '../../../codec/frame.js';
import { valueTypeOf } from '../../../codec/fields.js';
import type { ValueType } from '../../../codec/expression/language.js';
import { openEnded, templateLength } from '../../../codec/write/template.js';
import type { ArgumentSpec, ComputedArgument, TemplatePart } from '../../../codec/write/spec.js';
import type { CommandSpec, CommandStepSpec, VerifySpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import type { KnownNames } from '../reading/conversation.js';
import { reportAs } from '../reading/shown.js';
import type { StepInput } from '../../schema/step.js';
import { resolveArguments } from './argument.js';
import { resolveTalk } from './talk.js';
import { resolveLastRead } from '../reading/identify.js';
import { durationMs } from '../../schema/scalars.js';
import type { TypeInput } from '../../schema/type.js';

type CommandInput = TypeInput['commands'][string];

export function resolveCommand(
  id: string,
  input: CommandInput,
  known: KnownNames,
  report: Report,
): CommandSpec {
  const fields = namesOfRead(input.steps ?? []);
  const { args, computedArgs = [] } = resolveArguments(
    input.args,
    new Map([...known, ...fields]),
    below(report, 'args'),
  );
  const all = [...args, ...computedArgs];
  const write = parts(input.write ?? []);
  const talk = resolveTalk(input, all, known, report);
  const equals = input.verify === undefined ? undefined : parts([input.verify.equals].flat());
  const written = [...write, ...(talk.steps ?? []).flatMap(partsOfStep)];
  const needed = new Set(computedArgs.flatMap(({ compute }) => [...compute.names]));
  reportUnusedAndUnknown(all, needed, written, equals ?? [], report);
  reportTooEarly(computedArgs, talk.steps ?? [], report);
  reportAs(input, args, report);
  const { label, as, field, was } = input;
  const about = {
    ...defined({ label, as, field, was, idempotent: input.idempotent }),
    ...{ id, args, write, ...talk },
    ...(computedArgs.length === 0 ? {} : { computedArgs }),
  };
  if (input.verify === undefined || equals === undefined) return about;
  const verify = resolveVerify(input.verify, equals, all, below(report, 'verify'));
  return { ...about, verify };
}

/** The fields that its steps read, for arguments that are computed of them. */
function namesOfRead(steps: readonly StepInput[]): readonly (readonly [string, ValueType])[] {
  return steps.flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([id, { type, names, mask, format, compute }]) => {
      if (type === undefined || compute !== undefined) return [];
      const told = valueTypeOf({
        type,
        ...defined({ mask, format, names: names && new Map<number, string>() }),
      });
      return told === 'string' ? [] : [[id, told] as const];
    }),
  );
}

/** What an argument is computed of is read before the step that it stands in. */
function reportTooEarly(
  computed: readonly ComputedArgument[],
  steps: readonly CommandStepSpec[],
  report: Report,
): void {
  for (const { id, compute } of computed) {
    const used = steps.findIndex((step) => partsOfStep(step).some((part) => argumentOf(part).includes(id)));
    const late = steps.slice(Math.max(0, used)).flatMap(({ step }) => step.fields);
    const name = late.find((field) => compute.names.has(field.id))?.id;
    if (name !== undefined && used !== -1)
      report(['args', id, 'compute'], `needs ${name}, which is read later than $${id} is written`);
  }
}

function partsOfStep({ write, modify }: CommandStepSpec): readonly TemplatePart[] {
  return modify === undefined ? write : [...write, modify.value];
}

function resolveVerify(
  input: NonNullable<CommandInput['verify']>,
  equals: readonly TemplatePart[],
  args: readonly ArgumentSpec[],
  report: Report,
): VerifySpec {
  const question = resolveLastRead(input, report);
  const open = openEnded(equals, args);
  if (open !== undefined)
    report(
      ['equals'],
      `has $${open.id}, which is as long as its text; give that pad, or compare something else`,
    );
  const [expected, body] = [templateLength(equals, args), bodyLength(question)];
  if (expected !== body)
    report(
      ['equals'],
      `is ${String(expected)} bytes, but read leaves ${String(body)} for it; make them equal`,
    );
  return { ...question, equals, afterMs: durationMs(input.after) };
}

export function parts(template: readonly (number | string)[]): TemplatePart[] {
  return template.map((part) => (typeof part === 'number' ? part : { argument: part.slice(1) }));
}

function reportUnusedAndUnknown(
  args: readonly ArgumentSpec[],
  needed: ReadonlySet<string>,
  write: readonly TemplatePart[],
  equals: readonly TemplatePart[],
  report: Report,
): void {
  const declared = new Set(args.map((arg) => arg.id));
  const used = new Set(write.flatMap(argumentOf));
  for (const name of declared) {
    if (!used.has(name) && !needed.has(name))
      report(['args', name], `is not used in write; add $${name} there or remove it`);
  }
  for (const name of used) {
    if (!declared.has(name)) report(['write'], `uses $${name}, which args does not declare`);
  }
  for (const name of equals.flatMap(argumentOf)) {
    if (!declared.has(name)) report(['verify', 'equals'], `uses $${name}, which args does not declare`);
  }
}

function argumentOf(part: TemplatePart): string[] {
  return typeof part === 'number' ? [] : [part.argument];
}
