// Transactions that are longer than the device takes: AVR's Wire has 32 bytes, and a type may say that its device has more.
import { templateLength } from '../../codec/write/template.js';
import { checkLength } from '../../codec/checksum.js';
import { allArguments } from '../../codec/write/computed-arguments.js';
import type { ArgumentSpec } from '../../codec/write/spec.js';
import type { CommandSpec, DeviceType, PlannedWrite, QuestionSpec, StepSpec } from '../../device-type.js';
import type { ConfigPath } from '../problem.js';
import type { Report } from '../report.js';

/** BUFFER_LENGTH of AVR's Wire: the register and 31 bytes. A 34th byte makes the target deaf until its reset. */
export const AVR_BYTES = 32;

export function reportTooLong(type: DeviceType, report: Report): void {
  const { largest = { write: AVR_BYTES, read: AVR_BYTES } } = type;
  const check = (path: ConfigPath, write: number, read: number): void => {
    if (write > largest.write) report([...path, 'write'], writeTooLong(write, type));
    if (read > largest.read) report([...path, 'read'], readTooLong(read, type));
  };
  const ofSteps = (path: ConfigPath, steps: readonly StepSpec[]): void => {
    for (const [index, { write, readLength }] of steps.entries())
      check([...path, 'steps', index], write.length, readLength);
  };
  const ofQuestion = (path: ConfigPath, { write, readLength }: QuestionSpec): void => {
    check(path, write.length, readLength);
  };
  if (type.identify !== undefined) ofLastRead(['identify'], type.identify, check);
  for (const [index, { steps }] of type.constants.entries()) {
    if (steps.length === 1 && steps[0] !== undefined) ofQuestion(['constants', index], steps[0]);
    else ofSteps(['constants', index], steps);
  }
  for (const [index, sample] of type.samples.entries()) {
    const { conversation } = sample;
    const [only, ...more] = conversation?.steps ?? [sample];
    if (only !== undefined && more.length === 0) ofQuestion(['samples', index], only);
    else ofSteps(['samples', index], conversation?.steps ?? []);
  }
  for (const command of type.commands.values()) {
    ofCommand(['commands', command.id], command, check);
    if (command.ending !== undefined)
      ofPlanned(['commands', command.id, 'safe'], command.ending.safe, type, check);
  }
  for (const [key, writes] of [['on_connect', type.onConnect] as const, ['on_stop', type.onStop] as const])
    for (const [index, write] of writes.entries()) ofPlanned([key, index], write, type, check);
}

type Check = (path: ConfigPath, write: number, read: number) => void;

/** Of `identify` and `verify`: their question, and what goes before it. */
function ofLastRead(
  path: ConfigPath,
  { before = [], ...last }: QuestionSpec & { readonly before?: readonly StepSpec[] },
  check: Check,
): void {
  if (before.length === 0) {
    check(path, last.write.length, last.readLength);
    return;
  }
  for (const [index, { write, readLength }] of [...before, last].entries())
    check([...path, 'steps', index], write.length, readLength);
}

function ofCommand(path: ConfigPath, command: CommandSpec, check: Check): void {
  const args = allArguments(command);
  check(path, writtenLength(command, args), 0);
  const { verify, steps = [] } = command;
  if (verify !== undefined) ofLastRead([...path, 'verify'], verify, check);
  for (const [index, { step, modify, ...template }] of steps.entries()) {
    // What is changed is written back behind the same bytes.
    const more = modify === undefined ? 0 : step.readLength;
    check([...path, 'steps', index], writtenLength(template, args, more), step.readLength);
  }
}

/** What names a command, and so has its template, was looked at with the command. */
function ofPlanned(path: ConfigPath, { spec }: PlannedWrite, { commands }: DeviceType, check: Check): void {
  if (commands.get(spec.id)?.write !== spec.write) ofCommand(path, spec, check);
}

function writtenLength(
  { write, writeCheck }: Pick<CommandSpec, 'write' | 'writeCheck'>,
  args: readonly ArgumentSpec[],
  more = 0,
): number {
  const length = templateLength(write, args) + more;
  if (writeCheck === undefined) return length;
  const { each, skip = 0 } = writeCheck;
  const one = checkLength({ kind: writeCheck.kind }, 0);
  return length + (each === undefined ? one : Math.ceil((length - skip) / each) * one);
}

function writeTooLong(length: number, { largest }: DeviceType): string {
  if (largest === undefined)
    return `AVR’s Wire library takes ${String(AVR_BYTES)} bytes, the register included, and here it becomes ${String(length)} bytes; a device that takes more says so in largest: { write: … }`;
  return `becomes ${String(length)} bytes, and largest.write says ${String(largest.write)}`;
}

function readTooLong(length: number, { largest }: DeviceType): string {
  if (largest === undefined)
    return `AVR’s Wire library sends ${String(AVR_BYTES)} bytes at most, what is read beyond them is FF; a device that sends more says so in largest: { read: … }`;
  return `is ${String(length)}, and largest.read says ${String(largest.read)}`;
}
