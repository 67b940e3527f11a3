// What of a sound configuration is probably not meant: told by check, and refused by nobody.
import { bodyLength } from '../codec/frame.js';
import { sizeOf, WIRE_TYPES } from '../codec/wire-types.js';
import type { BodySpec, CommandSpec, DeviceType, FieldSpec, QuestionSpec } from '../device-type.js';
import type { GatewayConfig } from './config.js';
import type { ConfigPath, Problem } from './problem.js';

/** Of the types that a device is of. */
export function weakPoints({ devices }: Pick<GatewayConfig, 'devices'>): readonly Problem[] {
  const types = new Map([...devices.values()].map(({ type }) => [type.id, type]));
  return [...types.values()].flatMap((type) => [
    ...type.samples.flatMap((sample, index) => ofSample(sample, ['types', type.id, 'samples', index])),
    ...sharedLatches(type),
  ]);
}

type Sample = DeviceType['samples'][number];
type Readable = QuestionSpec & BodySpec;

function ofSample(sample: Sample, path: ConfigPath): Problem[] {
  const { conversation } = sample;
  const steps: readonly Readable[] = conversation?.steps ?? [sample];
  const placed = steps.map((step, index): readonly [ConfigPath, Readable] => [
    steps.length === 1 ? path : [...path, 'steps', index],
    step,
  ]);
  const fields = [...steps.flatMap((step) => step.fields), ...(conversation?.computed ?? [])];
  const unread = placed.flatMap(([place, step]) => readBeyond(step, place));
  return steps.some(isProved) || fields.some(isJudged) || fields.length === 0
    ? unread
    : [{ path, message: UNPROVED }, ...unread];
}

const UNPROVED =
  'has nothing by which wrong bytes could be told: a check of the device (check, status, frame), or min and max of a field';

/** A wrong reply would be noticed. */
function isProved({ check, status, envelope, echo, valid, configured }: QuestionSpec): boolean {
  return [check, status, envelope, echo, valid, configured].some((one) => one !== undefined);
}

/** A wrong value may be noticed. */
function isJudged(field: FieldSpec): boolean {
  const { min, max, none, names, maxStep, changesWithinMs, valid, type } = field;
  const told = [min, max, none, names, maxStep, changesWithinMs, valid];
  return told.some((one) => one !== undefined) || type.startsWith('bcd') || type === 'decimal';
}

function readBeyond(step: Readable, path: ConfigPath): Problem[] {
  const { fields, split, readLength } = step;
  if (fields.length === 0 || split !== undefined || readLength === 0) return [];
  const tests = [...(step.valid ?? []), ...(step.configured ?? []), ...(step.ready?.when ?? [])];
  const body = bodyLength(step);
  const ends = [
    ...fields.map(({ at, type, length }) => at + sizeOf(type, length)),
    ...tests.map(({ at, type }) => (at < 0 ? body + at : at) + WIRE_TYPES[type].size),
  ];
  const end = Math.max(...ends);
  if (end >= body) return [];
  const message = `leaves ${String(body - end)} byte(s) behind the last field; read ${String(readLength - (body - end))}, or say what they are`;
  return [{ path: [...path, 'read'], message }];
}

/** Two commands that write one byte behind the same bytes, each as if it were its own alone. */
function sharedLatches({ id, commands }: DeviceType): Problem[] {
  const holders = new Map<string, string>();
  return [...commands.values()].flatMap((command) => {
    const latch = latchOf(command);
    if (latch === undefined) return [];
    const other = holders.get(latch);
    holders.set(latch, other ?? command.id);
    if (other === undefined) return [];
    const message = `writes the whole byte that ${other} writes too: each sets all bits of the other; to change one bit, describe steps with modify`;
    return [{ path: ['types', id, 'commands', command.id, 'write'], message }];
  });
}

/** The bytes before its only argument, where that is a bool and the last. */
function latchOf({ args, write }: CommandSpec): string | undefined {
  const [argument, ...others] = args;
  if (argument?.type !== 'bool' || others.length > 0) return undefined;
  const last = write.at(-1);
  const isLast = typeof last === 'object' && last.argument === argument.id;
  const before = write.slice(0, -1);
  return isLast && before.every((part) => typeof part === 'number') ? before.join() : undefined;
}
