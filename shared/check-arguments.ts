// The arguments of a command against its description: all there, none too many, each of its type and within its limits.
import { argumentText } from './codec/write/argument.js';
import { isNumberType, WIRE_TYPES } from './codec/wire-types.js';
import type { ArgumentSpec, ArgumentValue, ArgumentValues } from './codec/write/spec.js';
import type { CommandSpec } from './device-type.js';
import { GatewayError } from './errors.js';
import { meantNumber, meantOrKnown } from './words/meant.js';
import { shown } from './words/shown.js';

/** Throws GatewayError: missing_argument, unknown_argument, bad_argument. */
export function checkArguments(spec: CommandSpec, given: ReadonlyMap<string, unknown>): ArgumentValues {
  for (const name of given.keys()) {
    if (!spec.args.some((arg) => arg.id === name)) {
      throw new GatewayError(
        'unknown_argument',
        `${spec.id} takes no argument ${name.slice(0, 64)}; it takes ${listArguments(spec)}.`,
      );
    }
  }
  return new Map(
    spec.args.map((arg) => [arg.id, checkArgument(arg, given.has(arg.id) ? given.get(arg.id) : arg.default)]),
  );
}

/** Their names, for people. */
export function listArguments(spec: CommandSpec): string {
  return spec.args.length === 0 ? 'none' : spec.args.map((arg) => arg.id).join(', ');
}

function checkArgument(spec: ArgumentSpec, value: unknown): ArgumentValue {
  if (value === undefined) throw new GatewayError('missing_argument', `The argument ${spec.id} is missing.`);
  if (spec.type === 'bool') return checkTruth(spec, value);
  if (spec.type === 'text') return checkText(spec, value);
  if (spec.names !== undefined) return checkName(spec, spec.names, value);
  const number = checkNumber(spec, value);
  if (spec.type === 'decimal') checkLength(spec, argumentText(spec, number));
  return number;
}

function checkTruth({ id }: ArgumentSpec, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  // Shells and gauges send 0 and 1.
  if (value === 0 || value === 1) return value === 1;
  throw bad(`${id} must be true or false, not ${shown(value)}.`);
}

/** The name, also where its number was given. */
function checkName({ id }: ArgumentSpec, names: ReadonlyMap<number, string>, value: unknown): string {
  const known = [...names.values()];
  const name = typeof value === 'number' ? names.get(value) : known.find((one) => one === value);
  if (name !== undefined) return name;
  const help = typeof value === 'string' ? meantOrKnown(value, known) : `there are: ${known.join(', ')}`;
  throw bad(`${id} must be one of its names, not ${shown(value)}; ${help}`);
}

function checkText(spec: ArgumentSpec, value: unknown): string {
  const { id, pad } = spec;
  if (typeof value !== 'string') throw bad(`${id} must be a text in quotes, not ${shown(value)}.`);
  const wrong = /[^\x20-\x7e]/u.exec(value);
  if (wrong !== null) throw bad(`${id} must be of ASCII characters; ${shown(wrong[0])} is none.`);
  if (value === '' && pad === undefined) throw bad(`${id} must not be empty.`);
  checkLength(spec, value);
  return value;
}

function checkLength({ id, length = 0 }: ArgumentSpec, text: string): void {
  if (text.length > length)
    throw bad(
      `${id} has ${String(text.length)} characters as it is written, and ${String(length)} are taken: ${shown(text)}.`,
    );
}

function checkNumber({ id, type, min, max, scale, offset = 0 }: ArgumentSpec, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const meant = typeof value === 'string' ? meantNumber(value) : undefined;
    const write = meant === undefined ? ',' : `: write ${meant},`;
    throw bad(`${id} must be a number${write} not ${shown(value)}.`);
  }
  if (value < min || value > max)
    throw bad(`${id} must be from ${String(min)} to ${String(max)}, not ${shown(value)}.`);
  const isWhole = isNumberType(type) && WIRE_TYPES[type].integer && scale === undefined;
  if (isWhole && !Number.isInteger(value - offset))
    throw bad(`${id} must be a whole number, not ${shown(value)}.`);
  return value;
}

function bad(message: string): GatewayError {
  return new GatewayError('bad_argument', message);
}
