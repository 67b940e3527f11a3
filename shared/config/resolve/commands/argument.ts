// An argument's description → what it can be and how it is written, and every mistake that its schema can't see.
import type { ValueType } from '../../../codec/expression/language.js';
import { parseExpression, type Expression } from '../../../codec/expression/parse.js';
import { ExpressionMistake } from '../../../codec/expression/tokens.js';
import { argumentKind } from '../../../codec/write/argument.js';
import { isNumberType, WIRE_TYPES, type NumberTypeName } from '../../../codec/wire-types.js';
import type { ArgumentSpec, ComputedArgument } from '../../../codec/write/spec.js';
import { defined } from '../../defined.js';
import { below, reportTwins, type Report } from '../../report.js';
import type { TypeInput } from '../../schema/type.js';
import type { KnownNames } from '../reading/conversation.js';
import { namesOf } from '../reading/field.js';
import { reportImpossible } from '../reading/raw-number.js';

export type ArgumentInput = TypeInput['commands'][string]['args'][string];

interface ResolvedArguments {
  readonly args: readonly ArgumentSpec[];
  readonly computedArgs?: readonly ComputedArgument[];
}

/** `known`: constants, parameters, and the fields that the command reads. Mistakes are reported below `args`. */
export function resolveArguments(
  inputs: Readonly<Record<string, ArgumentInput>>,
  known: KnownNames,
  report: Report,
): ResolvedArguments {
  const all = Object.entries(inputs).map(
    ([id, input]) => [resolveArgument(id, input, below(report, id)), input.compute] as const,
  );
  const args = all.flatMap(([spec, compute]) => (compute === undefined ? [spec] : []));
  const given = new Map(args.map((arg) => [arg.id, computesAs(arg)]));
  const computedArgs = all.flatMap(([spec, compute]) => {
    if (compute === undefined) return [];
    const place = below(report, spec.id);
    const expression = expressionOf(compute, spec, { given, known }, place);
    return expression === undefined ? [] : [{ ...spec, compute: expression }];
  });
  return { args, ...(computedArgs.length === 0 ? {} : { computedArgs }) };
}

/** Undefined for a text: nothing is computed with it. */
function computesAs(argument: ArgumentSpec): ValueType | undefined {
  const kind = argumentKind(argument);
  return kind === 'string' ? undefined : kind;
}

interface Names {
  readonly given: ReadonlyMap<string, ValueType | undefined>;
  readonly known: KnownNames;
}

function expressionOf(
  text: string,
  { type }: ArgumentSpec,
  { given, known }: Names,
  report: Report,
): Expression | undefined {
  try {
    const expression = parseExpression(text, (name) => {
      const found = given.get(name) ?? known.get(name);
      if (found !== undefined) return found;
      if (given.has(name)) return { mistake: `${name} is a text, and can’t be computed with` };
      const all = [...given.keys(), ...known.keys()].filter((id) => !id.includes('-'));
      return {
        mistake: `${name} is no argument that is given, no constant, no parameter and no field; known: ${all.slice(0, 20).join(', ')}`,
      };
    });
    const wanted = type === 'bool' ? 'boolean' : 'number';
    if (expression.type !== wanted)
      report(
        ['compute'],
        `gives ${expression.type === 'number' ? 'a number' : 'true or false'}, but type is ${type}`,
      );
    return expression;
  } catch (thrown) {
    if (!(thrown instanceof ExpressionMistake)) throw thrown;
    report(['compute'], `${thrown.message} (at character ${String(thrown.place)})`);
    return undefined;
  }
}

function resolveArgument(id: string, input: ArgumentInput, report: Report): ArgumentSpec {
  const { type, default: fallback, length, pad, round, scale, offset, unit, label } = input;
  reportKeys(input, report);
  const names = input.names === undefined ? undefined : namesOf(input.names);
  reportTwins(input.names ?? {}, below(report, 'names'));
  for (const raw of names?.keys() ?? [])
    if (isNumberType(type))
      reportImpossible(raw, type, undefined, (message) => {
        report(['names', String(raw)], message);
      });
  const limits = limitsOf(input);
  const { min = limits.min, max = limits.max } = input;
  if (min < limits.min) report(['min'], `is below what ${type} can hold (${String(limits.min)})`);
  if (max > limits.max) report(['max'], `is above what ${type} can hold (${String(limits.max)})`);
  if (min > max) report(['min'], 'is above max; no value could be sent');
  const spec = { id, type, min, max, ...defined({ scale, offset, unit, label, names, length, pad, round }) };
  if (fallback === undefined) return spec;
  reportDefault(fallback, spec, report);
  return { ...spec, default: fallback };
}

function reportDefault(fallback: number | boolean | string, spec: ArgumentSpec, report: Report): void {
  const { type, names, min, max } = spec;
  if (typeof fallback !== argumentKind(spec))
    report(['default'], names === undefined ? `is not of type ${type}` : 'has to be one of the names');
  else if (names !== undefined && ![...names.values()].some((name) => name === fallback))
    report(['default'], 'is none of the names');
  else if (typeof fallback === 'number' && (fallback < min || fallback > max))
    report(['default'], 'lies outside min and max');
  else if (typeof fallback === 'string' && type === 'text' && fallback.length > (spec.length ?? 0))
    report(['default'], 'is longer than length');
}

const NUMBER_KEYS = ['scale', 'offset', 'min', 'max'] as const;
const TEXT_KEYS = ['length', 'pad', 'round'] as const;

/** Keys that have no meaning for a type, or without which it has none. */
function reportKeys(input: ArgumentInput, report: Report): void {
  const { type, scale, names, compute } = input;
  const isText = type === 'text' || type === 'decimal';
  if (scale !== undefined && scale <= 0) report(['scale'], 'must be above 0');
  if (isText && input.length === undefined)
    report([], `of type ${type} needs length: characters at the most`);
  for (const key of isText ? [] : TEXT_KEYS)
    if (input[key] !== undefined) report([key], `has no meaning for type ${type}; remove it`);
  if (type === 'text' && input.round !== undefined) report(['round'], 'has no meaning for a text; remove it');
  const without =
    type === 'text' || names !== undefined ? NUMBER_KEYS : isText ? (['scale', 'offset'] as const) : [];
  for (const key of without)
    if (input[key] !== undefined)
      report(
        [key],
        `has no meaning for ${names === undefined ? `type ${type}` : 'an argument with names'}; remove it`,
      );
  if (names !== undefined && !(isNumberType(type) && WIRE_TYPES[type].integer))
    report(['names'], `need a whole number, not type ${type}`);
  if (compute === undefined) return;
  if (input.default !== undefined)
    report(['default'], 'is of an argument that is given, and this one is computed');
  if (argumentKind({ type, ...defined({ names: names && namesOf(names) }) }) === 'string')
    report(['compute'], 'gives a number, and this is a text');
}

/** What a decimal may be at the most is told by its length, when it is written. */
const MOST_DECIMAL = 1e15;

function limitsOf(input: ArgumentInput): { readonly min: number; readonly max: number } {
  const { type } = input;
  if (type === 'bool') return { min: 0, max: 1 };
  if (type === 'text') return { min: 0, max: 0 };
  if (type === 'decimal') return { min: -MOST_DECIMAL, max: MOST_DECIMAL };
  const raws = input.names === undefined ? [] : Object.keys(input.names).map(Number);
  if (raws.length > 0) return { min: Math.min(...raws), max: Math.max(...raws) };
  return limitsOfNumber(type, input);
}

function limitsOfNumber(
  type: NumberTypeName,
  { scale = 1, offset = 0 }: ArgumentInput,
): { readonly min: number; readonly max: number } {
  const { min, max } = WIRE_TYPES[type];
  return { min: min * scale + offset, max: max * scale + offset };
}
