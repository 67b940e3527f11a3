// A type's description → what it means, and every mistake that its schema can't see.
import { checkLength, type CheckSpec } from '../codec/checksum.js';
import { templateLength } from '../codec/template.js';
import { sizeOf, WIRE_TYPES } from '../codec/wire-types.js';
import type {
  ArgumentSpec,
  CommandSpec,
  DeviceType,
  FieldSpec,
  SampleSpec,
  SimulatedInput,
  SimulateSpec,
  TemplatePart,
} from '../device-type.js';
import type { ConfigPath, Problem } from './problem.js';
import { parseDurationMs } from './scalars.js';
import type { TypeInput } from './type-schema.js';

type Report = (path: ConfigPath, message: string) => void;
type FieldInput = TypeInput['samples'][number]['fields'][string];
type CommandInput = TypeInput['commands'][string];
type ArgumentInput = CommandInput['args'][string];

/** AVR's Wire receives 32 bytes, register included; a longer write leaves the target deaf until reset. */
const MAX_WRITE_BYTES = 32;

export function resolveType(id: string, input: TypeInput, problems: Problem[]): DeviceType {
  const report: Report = (path, message) => problems.push({ path: ['types', id, ...path], message });
  const { identify } = input;
  if (identify !== undefined && identify.expect.length !== identify.read) {
    report(
      ['identify', 'expect'],
      `has ${String(identify.expect.length)} bytes, but read says ${String(identify.read)}; make them equal`,
    );
  }
  const samples = input.samples.map((sample, index) =>
    resolveSample(sample, (path, message) => {
      report(['samples', index, ...path], message);
    }),
  );
  reportRepeatedFields(samples, report);
  const commands = Object.entries(input.commands).map(([name, command]) =>
    resolveCommand(name, command, (path, message) => {
      report(['commands', name, ...path], message);
    }),
  );
  return {
    id,
    restMs: durationMs(input.rest),
    samples,
    commands: new Map(commands.map((command) => [command.id, command])),
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(identify === undefined
      ? {}
      : { identify: { write: Uint8Array.from(identify.write), expect: Uint8Array.from(identify.expect) } }),
    ...(input.simulate === undefined ? {} : { simulate: resolveSimulate(input.simulate) }),
  };
}

/** The schema has already refused what is no duration. */
export function durationMs(text: string): number {
  return parseDurationMs(text) ?? 0;
}

// ── samples ─────────────────────────────────────────────────────────────────────────────────────────────

function resolveSample(input: TypeInput['samples'][number], report: Report): SampleSpec {
  const everyMs = durationMs(input.every);
  if (everyMs < 1) report(['every'], 'must be at least 1ms');
  const check: CheckSpec | undefined = input.check;
  const usable = input.read - checkLength(check);
  if (usable < 1) report(['read'], 'leaves no byte for fields beside the checksum; read more bytes');
  if (Object.keys(input.fields).length === 0) report(['fields'], 'names no field; say what the bytes mean');
  return {
    everyMs,
    write: Uint8Array.from(input.write ?? []),
    readLength: input.read,
    repeatedStart: input.repeated_start,
    fields: layOut(input.fields, usable, report),
    ...(check === undefined ? {} : { check }),
  };
}

/** Gives every field its bytes: where `at` says, else behind the field before. Bits without `at` share a byte. */
function layOut(inputs: Readonly<Record<string, FieldInput>>, usable: number, report: Report): FieldSpec[] {
  let next = 0;
  let sharedByte: number | undefined;
  return Object.entries(inputs).map(([id, input]) => {
    const isBit = input.type === 'bit';
    const at = input.at ?? (isBit ? (sharedByte ?? next) : next);
    next = at + sizeOf(input.type);
    sharedByte = isBit ? at : undefined;
    if (next > usable)
      report(
        ['fields', id],
        `ends at byte ${String(next)}, but only ${String(usable)} of the reply are for fields; read more or move it`,
      );
    reportFieldMistakes(id, input, report);
    return { ...defined(input), id, type: input.type, at };
  });
}

function reportFieldMistakes(id: string, input: FieldInput, report: Report): void {
  if (input.type === 'bit' && input.bit === undefined)
    report(['fields', id], 'of type bit needs bit: 0 to 7');
  if (input.type !== 'bit' && input.bit !== undefined)
    report(['fields', id, 'bit'], `has no meaning for type ${input.type}; remove it or use type bit`);
  if (input.scale === 0) report(['fields', id, 'scale'], 'must not be 0: every value would be 0');
  if (input.min !== undefined && input.max !== undefined && input.min > input.max)
    report(['fields', id, 'min'], 'is above max; no value could be believed');
}

/** A device's state has one value per field id, whichever sample brought it. */
function reportRepeatedFields(samples: readonly SampleSpec[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, sample] of samples.entries()) {
    for (const field of sample.fields) {
      if (seen.has(field.id))
        report(
          ['samples', index, 'fields', field.id],
          'is a field of an earlier sample too; give it another id',
        );
      seen.add(field.id);
    }
  }
}

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────

function resolveCommand(id: string, input: CommandInput, report: Report): CommandSpec {
  const args = Object.entries(input.args).map(([name, arg]) => resolveArgument(name, arg, report));
  const write = parts(input.write);
  const equals = input.verify === undefined ? undefined : parts([input.verify.equals].flat());
  reportUnusedAndUnknown(args, write, equals ?? [], report);
  const length = templateLength(write, args);
  if (length > MAX_WRITE_BYTES)
    report(
      ['write'],
      `becomes ${String(length)} bytes; AVR’s Wire library takes ${String(MAX_WRITE_BYTES)}, the register included`,
    );
  if (input.verify === undefined || equals === undefined)
    return { ...defined({ label: input.label }), id, args, write };
  const expected = templateLength(equals, args);
  if (expected !== input.verify.read)
    report(
      ['verify', 'equals'],
      `is ${String(expected)} bytes, but read says ${String(input.verify.read)}; make them equal`,
    );
  const verify = {
    write: Uint8Array.from(input.verify.write),
    readLength: input.verify.read,
    equals,
    afterMs: durationMs(input.verify.after),
  };
  return { ...defined({ label: input.label }), id, args, write, verify };
}

function parts(template: readonly (number | string)[]): TemplatePart[] {
  return template.map((part) => (typeof part === 'number' ? part : { argument: part.slice(1) }));
}

function reportUnusedAndUnknown(
  args: readonly ArgumentSpec[],
  write: readonly TemplatePart[],
  equals: readonly TemplatePart[],
  report: Report,
): void {
  const declared = new Set(args.map((arg) => arg.id));
  const used = new Set(write.flatMap(argumentOf));
  for (const name of declared) {
    if (!used.has(name)) report(['args', name], `is not used in write; add $${name} there or remove it`);
  }
  for (const name of used) {
    if (!declared.has(name)) report(['write'], `uses $${name}, which args does not declare`);
  }
  for (const name of equals.flatMap(argumentOf)) {
    if (!declared.has(name)) report(['verify', 'equals'], `uses $${name}, which args does not declare`);
  }
}

function argumentOf(part: TemplatePart): string[] {
  return typeof part === 'number' ? [] : [part.argument];
}

function resolveArgument(id: string, input: ArgumentInput, report: Report): ArgumentSpec {
  const limits = typeLimits(input);
  const min = input.min ?? limits.min;
  const max = input.max ?? limits.max;
  if (input.scale !== undefined && input.scale <= 0) report(['args', id, 'scale'], 'must be above 0');
  if (min < limits.min)
    report(['args', id, 'min'], `is below what ${input.type} can hold (${String(limits.min)})`);
  if (max > limits.max)
    report(['args', id, 'max'], `is above what ${input.type} can hold (${String(limits.max)})`);
  if (min > max) report(['args', id, 'min'], 'is above max; no value could be sent');
  const fallback = input.default;
  if (fallback !== undefined && (typeof fallback === 'boolean') !== (input.type === 'bool')) {
    report(['args', id, 'default'], `is not of type ${input.type}`);
  }
  if (typeof fallback === 'number' && (fallback < min || fallback > max))
    report(['args', id, 'default'], 'lies outside min and max');
  return { ...defined(input), id, type: input.type, min, max };
}

function typeLimits(input: ArgumentInput): { readonly min: number; readonly max: number } {
  if (input.type === 'bool') return { min: 0, max: 1 };
  const { min, max } = WIRE_TYPES[input.type];
  const scale = input.scale ?? 1;
  return { min: min * scale, max: max * scale };
}

// ── simulation ──────────────────────────────────────────────────────────────────────────────────────────

function resolveSimulate(input: NonNullable<TypeInput['simulate']>): SimulateSpec {
  const inputs = Object.entries(input.inputs).map(([pin, source]): [string, SimulatedInput] => [
    pin,
    'filled_by' in source
      ? {
          kind: 'tank',
          filledBy: source.filled_by,
          gain: source.gain,
          leak: source.leak,
          start: source.start,
        }
      : { kind: 'wave', mean: source.mean, swing: source.swing, periodMs: durationMs(source.period) },
  ]);
  return { firmware: input.firmware, inputs: new Map(inputs) };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys whose value is undefined: zod leaves them in, exactOptionalPropertyTypes wants them out. */
function defined<T extends object>(input: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}
