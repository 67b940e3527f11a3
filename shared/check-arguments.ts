// The arguments of a command against its description: all there, none too many, each of its type and within its limits.
import { WIRE_TYPES } from './codec/wire-types.js';
import type { ArgumentSpec, ArgumentValues, CommandSpec } from './device-type.js';
import { GatewayError } from './errors.js';
import { meantNumber } from './words/meant.js';
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

function checkArgument(spec: ArgumentSpec, value: unknown): number | boolean {
  if (value === undefined) throw new GatewayError('missing_argument', `The argument ${spec.id} is missing.`);
  if (spec.type === 'bool') {
    if (typeof value === 'boolean') return value;
    // Shells and gauges send 0 and 1.
    if (value === 0 || value === 1) return value === 1;
    throw new GatewayError('bad_argument', `${spec.id} must be true or false, not ${shown(value)}.`);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const meant = typeof value === 'string' ? meantNumber(value) : undefined;
    const write = meant === undefined ? ',' : `: write ${meant},`;
    throw new GatewayError('bad_argument', `${spec.id} must be a number${write} not ${shown(value)}.`);
  }
  if (value < spec.min || value > spec.max) {
    throw new GatewayError(
      'bad_argument',
      `${spec.id} must be from ${String(spec.min)} to ${String(spec.max)}, not ${shown(value)}.`,
    );
  }
  if (WIRE_TYPES[spec.type].integer && spec.scale === undefined && !Number.isInteger(value)) {
    throw new GatewayError('bad_argument', `${spec.id} must be a whole number, not ${shown(value)}.`);
  }
  return value;
}
