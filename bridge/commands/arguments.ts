// What a command's payload says of its arguments: named, or the only one bare.
import { checkArguments, listArguments } from '../../shared/check-arguments.js';
import { argumentKind } from '../../shared/codec/write/argument.js';
import type { ArgumentSpec, ArgumentValues } from '../../shared/codec/write/spec.js';
import type { CommandSpec } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { CommandPayload } from './payload.js';

/** Throws GatewayError: missing_argument, unknown_argument, bad_argument, bad_payload. */
export function argumentsOf(spec: CommandSpec, payload: CommandPayload): ArgumentValues {
  return checkArguments(spec, withBare(spec, payload));
}

function withBare(spec: CommandSpec, { args, bare }: CommandPayload): ReadonlyMap<string, unknown> {
  if (bare === undefined) return args;
  const [only, ...others] = spec.args;
  if (only !== undefined && others.length === 0) {
    if (typeof bare === 'string' && argumentKind(only) !== 'string')
      throw new GatewayError(
        'bad_payload',
        `${only.id} of ${spec.id} is no text: send ${formOf(only)} without quotes.`,
      );
    return new Map([[only.id, bare]]);
  }
  const message = `A bare value is for commands with one argument; ${spec.id} takes ${listArguments(spec)}.`;
  throw new GatewayError('bad_payload', message);
}

function formOf(argument: ArgumentSpec): string {
  return argumentKind(argument) === 'boolean' ? 'true or false' : 'a number';
}
