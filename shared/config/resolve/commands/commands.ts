// A type's commands → their specs, and what makes the output of each safe again: another of them, or its own with other arguments.
import { commandBytes } from '../../../codec/write/command-bytes.js';
import type { CommandSpec, EndingSpec, PlannedWrite } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import { resolveCommand } from './command.js';
import type { KnownNames } from '../reading/conversation.js';
import { resolvePlannedWrite } from './planned-write.js';
import { durationMs } from '../../schema/scalars.js';
import type { TypeInput } from '../../schema/type.js';

type CommandInputs = TypeInput['commands'];

/** Where the description sets no limit. */
const LONGEST_MS = 86_400_000;

export function resolveCommands(
  inputs: CommandInputs,
  known: KnownNames,
  report: Report,
): ReadonlyMap<string, CommandSpec> {
  const plain = new Map(
    Object.entries(inputs).map(([id, input]) => [id, resolveCommand(id, input, known, below(report, id))]),
  );
  const ended = Object.entries(inputs).map(([id, input]): [string, CommandSpec][] => {
    const spec = plain.get(id);
    if (spec === undefined) return [];
    const ending = resolveEnding(id, input, plain, below(report, id));
    return [[id, { ...spec, ...defined({ ending }) }]];
  });
  const commands = new Map(ended.flat());
  for (const [id, { ending }] of commands) {
    const own = ending === undefined ? undefined : commands.get(ending.safe.name)?.ending;
    if (ending === undefined || own === undefined || isSame(ending.safe, own.safe)) continue;
    const message = `${ending.safe.name} has a safe of its own: name what that ends with`;
    report([id, 'safe', 'command'], message);
  }
  return commands;
}

function isSame(one: PlannedWrite, other: PlannedWrite): boolean {
  const [a, b] = [one, other].map(({ spec, args }) => Buffer.from(commandBytes(spec, args)));
  return a !== undefined && b !== undefined && a.equals(b);
}

function resolveEnding(
  id: string,
  input: CommandInputs[string],
  plain: ReadonlyMap<string, CommandSpec>,
  report: Report,
): EndingSpec | undefined {
  if (input.safe === undefined) {
    if (input.for !== undefined) report(['for'], 'needs safe: what is written when the time is over');
    if (input.after_crash !== undefined) report(['after_crash'], 'needs safe: what would be written');
    return undefined;
  }
  // Arguments alone are those of the command itself.
  const { write, steps, command = write === undefined && steps === undefined ? id : undefined } = input.safe;
  const safe = resolvePlannedWrite({ ...input.safe, command }, plain, id, below(report, 'safe'));
  if (safe === undefined) return undefined;
  const { defaultMs, maxMs } = durationsOf(input.for, report);
  return { safe, maxMs, ...defined({ defaultMs }), afterCrash: input.after_crash ?? 'safe' };
}

function durationsOf(
  input: CommandInputs[string]['for'],
  report: Report,
): { readonly defaultMs: number | undefined; readonly maxMs: number } {
  if (input === undefined) return { defaultMs: undefined, maxMs: LONGEST_MS };
  const { default: usual, max } = typeof input === 'string' ? { default: input, max: input } : input;
  const defaultMs = usual === undefined ? undefined : durationMs(usual);
  const maxMs = durationMs(max);
  if (maxMs < 1 || maxMs > LONGEST_MS) report(['for'], 'must be from 1ms to 24h');
  if (defaultMs !== undefined && (defaultMs < 1 || defaultMs > maxMs))
    report(['for', 'default'], 'must be from 1ms to max');
  return { defaultMs, maxMs };
}
