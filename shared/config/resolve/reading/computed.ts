// Computed fields → their expressions, in an order in which each finds what it needs; and what they name that is not there.
import { valueTypeOf } from '../../../codec/fields.js';
import type { ValueType } from '../../../codec/expression/language.js';
import { parseExpression, type Expression } from '../../../codec/expression/parse.js';
import { ExpressionMistake } from '../../../codec/expression/tokens.js';
import type { FieldSpec } from '../../../device-type.js';
import type { FieldInput } from '../../schema/field.js';
import { below, type Report } from '../../report.js';
import { resolveField } from './field.js';

type Path = readonly (string | number)[];
type Described = readonly (readonly [path: Path, Readonly<Record<string, FieldInput>>])[];

export interface NamesForCompute {
  readonly read: ReadonlyMap<string, FieldSpec>;
  readonly known: ReadonlyMap<string, ValueType>;
}

interface Waiting {
  readonly id: string;
  readonly text: string;
  readonly input: FieldInput;
  readonly report: Report;
}

export function resolveComputed(described: Described, names: NamesForCompute, report: Report): FieldSpec[] {
  const waiting = waitingOf(described, report);
  const ids = new Set(waiting.map(({ id }) => id));
  const done = new Map<string, FieldSpec>();
  const started = new Set<string>();
  const resolve = (one: Waiting, trail: readonly string[]): void => {
    if (trail.includes(one.id)) {
      one.report(['compute'], `needs itself: ${[...trail, one.id].join(' needs ')}`);
      return;
    }
    if (started.has(one.id)) return;
    for (const id of namesIn(one.text)) {
      const other = ids.has(id) ? waiting.find((field) => field.id === id) : undefined;
      if (other !== undefined) resolve(other, [...trail, one.id]);
    }
    if (started.has(one.id)) return;
    started.add(one.id);
    const compute = expressionOf(one, { ...names, done, ids });
    if (compute !== undefined) done.set(one.id, resolveField(one.id, 0, one.input, one.report, compute));
  };
  for (const one of waiting) resolve(one, []);
  return [...done.values()];
}

function waitingOf(described: Described, report: Report): Waiting[] {
  return described.flatMap(([path, fields]) =>
    Object.entries(fields).flatMap(([id, input]) => {
      const place = below(report, ...path, id);
      const { compute, type } = input;
      if (compute === undefined) {
        if (type === undefined) place([], 'needs type, or compute');
        return [];
      }
      if (type !== undefined)
        place(['type'], 'is of a field that is read, and this one is computed; remove it');
      return [{ id, text: compute, input: { ...input, type: undefined }, report: place }];
    }),
  );
}

/** Words of the text that may be names: what they are is found when it is parsed. */
function namesIn(text: string): readonly string[] {
  return text.match(/[a-z_][a-z0-9_]*/gi) ?? [];
}

interface AllNames extends NamesForCompute {
  readonly done: ReadonlyMap<string, FieldSpec>;
  /** Of those that are computed. */
  readonly ids: ReadonlySet<string>;
}

function expressionOf({ text, report }: Waiting, names: AllNames): Expression | undefined {
  try {
    return parseExpression(text, (name) => typeOfName(name, names));
  } catch (thrown) {
    if (!(thrown instanceof ExpressionMistake)) throw thrown;
    report(['compute'], `${thrown.message} (at character ${String(thrown.place)})`);
    return undefined;
  }
}

function typeOfName(name: string, names: AllNames): ValueType | { readonly mistake: string } {
  const field = names.read.get(name) ?? names.done.get(name);
  if (field !== undefined) return typeOfField(field);
  const type = names.known.get(name);
  if (type !== undefined) return type;
  if (names.ids.has(name)) return { mistake: `${name} has a mistake of its own` };
  const all = [...names.read.keys(), ...names.ids, ...names.known.keys()].filter((id) => !id.includes('-'));
  return {
    mistake: `${name} is no field of this sample, no constant and no parameter; known: ${all.slice(0, 20).join(', ')}`,
  };
}

function typeOfField(field: FieldSpec): ValueType | { readonly mistake: string } {
  const type = valueTypeOf(field);
  return type === 'string' ? { mistake: `${field.id} is a text, and can’t be computed with` } : type;
}
