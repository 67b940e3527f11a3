// A write of the gateway's own (on_connect, …) → a command with checked arguments, and every mistake in it.
import { checkArguments } from '../../check-arguments.js';
import type { CommandSpec, PlannedWrite } from '../../device-type.js';
import { GatewayError } from '../../errors.js';
import { below, type Report } from '../report.js';
import type { PlannedWriteInput } from '../schema/type.js';

type Commands = ReadonlyMap<string, CommandSpec>;

/** A list under `key`, in its order. Plain bytes are answered on `reply/<key>`. */
export function resolvePlannedWrites(
  inputs: readonly PlannedWriteInput[],
  commands: Commands,
  key: string,
  report: Report,
): PlannedWrite[] {
  return inputs.flatMap(
    (input, index) => resolvePlannedWrite(input, commands, key, below(report, key, index)) ?? [],
  );
}

/** Undefined where it was reported. */
export function resolvePlannedWrite(
  { write, command, args = {} }: PlannedWriteInput,
  commands: Commands,
  nameOfBytes: string,
  report: Report,
): PlannedWrite | undefined {
  if ((write === undefined) === (command === undefined)) {
    report([], 'needs either write: [bytes], or command: the name of one');
    return undefined;
  }
  if (write !== undefined) {
    if (Object.keys(args).length > 0) report(['args'], 'have no meaning for plain bytes; remove them');
    return { name: nameOfBytes, spec: { id: nameOfBytes, args: [], write }, args: new Map() };
  }
  const spec = commands.get(command ?? '');
  if (spec === undefined) {
    report(['command'], `names ${command ?? ''}, which commands does not describe`);
    return undefined;
  }
  return withArguments(spec, args, report);
}

function withArguments(
  spec: CommandSpec,
  given: Readonly<Record<string, number | boolean>>,
  report: Report,
): PlannedWrite | undefined {
  try {
    return { name: spec.id, spec, args: checkArguments(spec, new Map(Object.entries(given))) };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    report(['args'], `do not fit the command ${spec.id}: ${thrown.message}`);
    return undefined;
  }
}
