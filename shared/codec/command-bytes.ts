// The bytes that a command with these arguments puts on the wire.
import { encodeArgument, fillTemplate } from './template.js';
import type { ArgumentValues, CommandSpec } from '../device-type.js';

/** Each argument's bytes, under its name. */
export function encodeArguments(spec: CommandSpec, args: ArgumentValues): ReadonlyMap<string, Uint8Array> {
  return new Map(spec.args.map((arg) => [arg.id, encodeArgument(arg, args.get(arg.id) ?? 0)]));
}

export function commandBytes(spec: CommandSpec, args: ArgumentValues): Uint8Array {
  return fillTemplate(spec.write, encodeArguments(spec, args));
}
