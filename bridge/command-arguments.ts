// The arguments of a command against its description: all there, none too many, each of its type and within its limits.
import type { ArgumentSpec, CommandSpec } from '../shared/device-type.js';
import { GatewayError } from '../shared/errors.js';
import { WIRE_TYPES } from '../shared/codec/wire-types.js';
import type { CommandPayload } from './command-payload.js';
import type { ArgumentValues } from './device-client.js';

/** Throws GatewayError: missing_argument, unknown_argument, bad_argument. */
export function checkArguments(spec: CommandSpec, payload: CommandPayload): ArgumentValues {
  const given = withBare(spec, payload);
  for (const name of given.keys()) {
    if (!spec.args.some((arg) => arg.id === name)) {
      throw new GatewayError(
        'unknown_argument',
        `${spec.id} takes no argument ${name.slice(0, 64)}; it takes ${listed(spec)}.`,
      );
    }
  }
  return new Map(
    spec.args.map((arg) => [arg.id, checkArgument(arg, given.has(arg.id) ? given.get(arg.id) : arg.default)]),
  );
}

function withBare(spec: CommandSpec, { args, bare }: CommandPayload): ReadonlyMap<string, unknown> {
  if (bare === undefined) return args;
  const [only, ...others] = spec.args;
  if (only !== undefined && others.length === 0) return new Map([[only.id, bare]]);
  const message = `A bare value is for commands with one argument; ${spec.id} takes ${listed(spec)}.`;
  throw new GatewayError('bad_payload', message);
}

function listed(spec: CommandSpec): string {
  return spec.args.length === 0 ? 'none' : spec.args.map((arg) => arg.id).join(', ');
}

function checkArgument(spec: ArgumentSpec, value: unknown): number | boolean {
  if (value === undefined) throw new GatewayError('missing_argument', `The argument ${spec.id} is missing.`);
  if (spec.type === 'bool') {
    if (typeof value === 'boolean') return value;
    // Shells and gauges send 0 and 1.
    if (value === 0 || value === 1) return value === 1;
    throw new GatewayError('bad_argument', `${spec.id} must be true or false.`);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new GatewayError('bad_argument', `${spec.id} must be a number.`);
  }
  if (value < spec.min || value > spec.max) {
    throw new GatewayError(
      'bad_argument',
      `${spec.id} must be from ${String(spec.min)} to ${String(spec.max)}.`,
    );
  }
  if (WIRE_TYPES[spec.type].integer && spec.scale === undefined && !Number.isInteger(value)) {
    throw new GatewayError('bad_argument', `${spec.id} must be a whole number.`);
  }
  return value;
}
