// What a command's payload says of its arguments: named, or the only one bare.
import { checkArguments, listArguments } from '../../shared/check-arguments.js';
import type { ArgumentValues, CommandSpec } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { CommandPayload } from './payload.js';

/** Throws GatewayError: missing_argument, unknown_argument, bad_argument, bad_payload. */
export function argumentsOf(spec: CommandSpec, payload: CommandPayload): ArgumentValues {
  return checkArguments(spec, withBare(spec, payload));
}

function withBare(spec: CommandSpec, { args, bare }: CommandPayload): ReadonlyMap<string, unknown> {
  if (bare === undefined) return args;
  const [only, ...others] = spec.args;
  if (only !== undefined && others.length === 0) return new Map([[only.id, bare]]);
  const message = `A bare value is for commands with one argument; ${spec.id} takes ${listArguments(spec)}.`;
  throw new GatewayError('bad_payload', message);
}
