// A command's description → its template and the limits of its arguments, and every mistake that its schema can't see.
import { bodyLength } from '../../../codec/frame.js';
import { templateLength } from '../../../codec/template.js';
import { WIRE_TYPES } from '../../../codec/wire-types.js';
import type {
  ArgumentSpec,
  CommandSpec,
  CommandStepSpec,
  TemplatePart,
  VerifySpec,
} from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import type { KnownNames } from '../reading/conversation.js';
import { reportAs } from '../reading/shown.js';
import { resolveTalk } from './talk.js';
import { resolveQuestion } from '../reading/question.js';
import { durationMs } from '../../schema/scalars.js';
import type { TypeInput } from '../../schema/type.js';

type CommandInput = TypeInput['commands'][string];
type ArgumentInput = CommandInput['args'][string];

export function resolveCommand(
  id: string,
  input: CommandInput,
  known: KnownNames,
  report: Report,
): CommandSpec {
  const args = Object.entries(input.args).map(([name, arg]) => resolveArgument(name, arg, report));
  const write = parts(input.write ?? []);
  const talk = resolveTalk(input, args, known, report);
  const equals = input.verify === undefined ? undefined : parts([input.verify.equals].flat());
  const written = [...write, ...(talk.steps ?? []).flatMap(partsOfStep)];
  reportUnusedAndUnknown(args, written, equals ?? [], report);
  reportAs(input, args, report);
  const { label, as, field, was } = input;
  const about = {
    ...defined({ label, as, field, was, idempotent: input.idempotent }),
    ...{ id, args, write, ...talk },
  };
  if (input.verify === undefined || equals === undefined) return about;
  const verify = resolveVerify(input.verify, equals, args, below(report, 'verify'));
  return { ...about, verify };
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
  const question = resolveQuestion(input, report);
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
  write: readonly TemplatePart[],
  equals: readonly TemplatePart[],
  report: Report,
): void {
  const declared = new Set(args.map((arg) => arg.id));
  const used = new Set(write.flatMap(argumentOf));
  for (const name of declared) {
    if (!used.has(name)) report(['args', name], `is not used in write; add $${name} there or remove it`);
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

function resolveArgument(id: string, input: ArgumentInput, report: Report): ArgumentSpec {
  const limits = typeLimits(input);
  const min = input.min ?? limits.min;
  const max = input.max ?? limits.max;
  if (input.scale !== undefined && input.scale <= 0) report(['args', id, 'scale'], 'must be above 0');
  if (min < limits.min)
    report(['args', id, 'min'], `is below what ${input.type} can hold (${String(limits.min)})`);
  if (max > limits.max)
    report(['args', id, 'max'], `is above what ${input.type} can hold (${String(limits.max)})`);
  if (min > max) report(['args', id, 'min'], 'is above max; no value could be sent');
  const fallback = input.default;
  if (fallback !== undefined && (typeof fallback === 'boolean') !== (input.type === 'bool')) {
    report(['args', id, 'default'], `is not of type ${input.type}`);
  }
  if (typeof fallback === 'number' && (fallback < min || fallback > max))
    report(['args', id, 'default'], 'lies outside min and max');
  return { ...defined(input), id, type: input.type, min, max };
}

function typeLimits(input: ArgumentInput): { readonly min: number; readonly max: number } {
  if (input.type === 'bool') return { min: 0, max: 1 };
  const { min, max } = WIRE_TYPES[input.type];
  const scale = input.scale ?? 1;
  return { min: min * scale, max: max * scale };
}
