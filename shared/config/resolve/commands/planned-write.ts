// A write of the gateway's own (on_connect, …) → a command with checked arguments, and every mistake in it.
import { checkArguments } from '../../../check-arguments.js';
import type { ArgumentValue } from '../../../codec/write/spec.js';
import type { CommandSpec, PlannedWrite } from '../../../device-type.js';
import { GatewayError } from '../../../errors.js';
import { below, type Report } from '../../report.js';
import type { PlannedWriteInput } from '../../schema/command.js';
import { defined } from '../../defined.js';
import { step as stepSchema } from '../../schema/step.js';
import { resolveTalk } from './talk.js';

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
  input: PlannedWriteInput,
  commands: Commands,
  nameOfBytes: string,
  report: Report,
): PlannedWrite | undefined {
  const { write, command, steps, args = {} } = input;
  if ([write, command, steps].filter((one) => one !== undefined).length !== 1) {
    report([], 'needs either write: [bytes], or steps, or command: the name of one');
    return undefined;
  }
  if (command === undefined) {
    if (Object.keys(args).length > 0) report(['args'], 'have no meaning for plain bytes; remove them');
    return { name: nameOfBytes, spec: bytesOf(input, nameOfBytes, report), args: new Map() };
  }
  for (const key of ['write_check', 'delay'] as const)
    if (input[key] !== undefined) report([key], 'goes with write; a command has its own');
  const spec = commands.get(command);
  if (spec === undefined) {
    report(['command'], `names ${command}, which commands does not describe`);
    return undefined;
  }
  return withArguments(spec, args, report);
}

/** One write; where it has to be waited for, or need not be acknowledged, or is several, a conversation. */
function bytesOf(input: PlannedWriteInput, id: string, report: Report): CommandSpec {
  const { write, write_check, delay, nack, steps } = input;
  const about = { id, args: [], write: write ?? [] };
  const isPlain = delay === undefined && !nack && steps === undefined;
  if (isPlain)
    return { ...about, ...resolveTalk({ write, write_check, steps, fields: {} }, [], new Map(), report) };
  if (steps !== undefined && (delay !== undefined || nack))
    report([delay === undefined ? 'nack' : 'delay'], 'goes into one of the steps');
  const only = stepSchema.parse(defined({ write, write_check, delay, nack }));
  const talk = resolveTalk(
    { write: undefined, write_check: undefined, steps: steps ?? [only], fields: {} },
    [],
    new Map(),
    report,
  );
  return { ...about, write: [], ...talk };
}

function withArguments(
  spec: CommandSpec,
  given: Readonly<Record<string, ArgumentValue>>,
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
