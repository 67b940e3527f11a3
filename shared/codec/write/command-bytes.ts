// The bytes that a command with these arguments puts on the wire.
import { checkLength, withChecksum } from '../checksum.js';
import { encodeArgument } from './argument.js';
import { encodeComputed, type KnownValues } from './computed-arguments.js';
import { fillTemplate } from './template.js';
import type { ArgumentValues } from './spec.js';
import type { CommandSpec } from '../../device-type.js';

/** Each argument's bytes, under its name; of those that are computed as far as `known` tells. Throws bad_argument. */
export function encodeArguments(
  spec: CommandSpec,
  args: ArgumentValues,
  known: KnownValues = new Map(),
): ReadonlyMap<string, Uint8Array> {
  const given = spec.args.map((arg) => [arg.id, encodeArgument(arg, args.get(arg.id) ?? 0)] as const);
  return new Map([...given, ...encodeComputed(spec, args, known)]);
}

/** One write of it, with its checksums. */
export function commandWrite(
  { write, writeCheck }: Pick<CommandSpec, 'write' | 'writeCheck'>,
  encoded: ReadonlyMap<string, Uint8Array>,
  address: number,
): Uint8Array {
  return withWriteChecks(fillTemplate(write, encoded), writeCheck, address);
}

/** Written bytes with the checksums that they carry. */
export function withWriteChecks(
  bytes: Uint8Array,
  check: CommandSpec['writeCheck'],
  address: number,
): Uint8Array {
  if (check === undefined) return bytes;
  const { each, skip = 0, over } = check;
  const context = { address, write: new Uint8Array() };
  // SMBus's check covers the address byte of the write itself; groups begin behind what has no check.
  if (over === 'pec') return withPec(bytes, check, address);
  if (each === undefined) return withChecksum(bytes, check, context);
  const groups = withChecksum(bytes.subarray(skip), { ...check, skip: 0 }, context);
  return Uint8Array.from([...bytes.subarray(0, skip), ...groups]);
}

function withPec(
  bytes: Uint8Array,
  check: NonNullable<CommandSpec['writeCheck']>,
  address: number,
): Uint8Array {
  const plain = { ...check, over: 'reply' as const };
  return withChecksum(Uint8Array.from([address << 1, ...bytes]), plain).subarray(1);
}

/** The `length` bytes of a write as its template has them, without the checks between them: for simulated targets. */
export function withoutWriteChecks(
  sent: Uint8Array,
  { kind, each, skip = 0 }: NonNullable<CommandSpec['writeCheck']>,
  length: number,
): Uint8Array {
  if (each === undefined) return sent.subarray(0, length);
  const size = checkLength({ kind }, 0);
  return sent.filter((_byte, at) => at < skip || (at - skip) % (each + size) < each);
}

/** What tells this write from others: its bytes; of a conversation all of its writes, and what it changes. */
export function commandBytes(spec: CommandSpec, args: ArgumentValues): Uint8Array {
  const encoded = encodeArguments({ ...spec, computedArgs: [] }, args);
  // What is computed is not known here: such a write is like none of another command, nor with other arguments.
  if (spec.computedArgs !== undefined) return new TextEncoder().encode(JSON.stringify([spec.id, [...args]]));
  if (spec.steps === undefined) return fillTemplate(spec.write, encoded);
  const steps = spec.steps.flatMap(({ write, modify }) => {
    const bytes = [...fillTemplate(write, encoded)];
    if (modify === undefined) return bytes;
    // Of what is changed no other write is the same, be its bytes what they may.
    const name = [...new TextEncoder().encode(`change of ${String(modify.mask)}`)];
    return [...bytes, ...name, ...fillTemplate([modify.value], encoded)];
  });
  return Uint8Array.from(steps);
}
