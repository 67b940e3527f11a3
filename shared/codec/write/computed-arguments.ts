// Arguments that nobody gives: computed of those that were given, of what is known of the device, and of what steps before have read.
import type { ArgumentSpec, ArgumentValues, ComputedArgument } from './spec.js';
import type { CommandSpec } from '../../device-type.js';
import { GatewayError } from '../../errors.js';
import type { Value } from '../../sample.js';
import { evaluate, type Scope } from '../expression/evaluate.js';
import { argumentText, encodeArgument } from './argument.js';

/** Constants of the device and its parameters; fields that were read; by name. */
export type KnownValues = ReadonlyMap<string, Value>;

/** All that stand in the templates of a command. */
export function allArguments({ args, computedArgs = [] }: CommandSpec): readonly ArgumentSpec[] {
  return [...args, ...computedArgs];
}

/**
 * Each computed argument's bytes, under its name. One of which a value is not known yet is left out. Throws bad_argument
 * where it is no number, or beyond its limits.
 */
export function encodeComputed(
  { computedArgs = [] }: CommandSpec,
  args: ArgumentValues,
  known: KnownValues,
): ReadonlyMap<string, Uint8Array> {
  const scope = (name: string): Value | undefined => args.get(name) ?? known.get(name);
  const ready = computedArgs.filter(({ compute }) =>
    [...compute.names].every((name) => isKnown(scope(name))),
  );
  return new Map(ready.map((spec) => [spec.id, encodeArgument(spec, valueOf(spec, scope))]));
}

function isKnown(value: Value | undefined): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** A decimal is never cut. */
function fitsLength(spec: ComputedArgument, value: number): boolean {
  return spec.type !== 'decimal' || argumentText(spec, value).length <= (spec.length ?? 0);
}

function valueOf(spec: ComputedArgument, known: (name: string) => Value | undefined): number | boolean {
  const scope: Scope = (name) => {
    const value = known(name);
    return typeof value === 'number' || typeof value === 'boolean' ? value : { error: 'no_value' };
  };
  const value = evaluate(spec.compute, scope);
  if (typeof value === 'boolean') return value;
  const said = typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  const isShort = said === undefined || fitsLength(spec, said);
  if (said !== undefined && isShort && said >= spec.min && said <= spec.max) return said;
  const limits = `from ${String(spec.min)} to ${String(spec.max)}`;
  const digits = isShort ? '' : `, with more characters than the ${String(spec.length)} that are taken`;
  const seen = said === undefined ? 'no number comes out' : `it is ${String(said)}${digits}`;
  throw new GatewayError('bad_argument', `${spec.id} is computed and has to be ${limits}, but ${seen}.`, {
    untried: true,
  });
}
