// What a front end needs to draw a device without knowing it.
import { valueTypeOf } from '../../shared/codec/fields.js';
import { argumentKind, stepOf } from '../../shared/codec/write/argument.js';
import { defined } from '../../shared/config/defined.js';
import type { ArgumentSpec, ArgumentValue } from '../../shared/codec/write/spec.js';
import type { CommandSpec, Device, FieldSpec, SampleSpec } from '../../shared/device-type.js';

interface FieldMeta {
  readonly type: 'number' | 'boolean' | 'string';
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  /** All that it can be, where it is one of some names. */
  readonly names?: readonly string[];
}

interface ReadFieldMeta extends FieldMeta {
  /** Between two readings of it that are recorded lies no more, as long as its device is well. */
  readonly recordedEveryMs: number;
}

interface ArgumentMeta extends FieldMeta {
  readonly default?: ArgumentValue;
  /** There where it takes whole numbers only. */
  readonly integer?: true;
  /** What one number differs from the next by, where not any is taken. */
  readonly step?: number;
  /** Of a text: characters. */
  readonly maxLength?: number;
}

interface CommandMeta {
  readonly label?: string;
  readonly args: Readonly<Record<string, ArgumentMeta>>;
  /** There where its output ends safely: how long it lasts where the command doesn't say, and at the most. */
  readonly for?: { readonly defaultMs?: number; readonly maxMs: number };
}

export interface DeviceMeta {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly bus: string;
  /** Hex, as on a wiring plan. */
  readonly address: string;
  /** The multiplexer's channel that it is wired to. */
  readonly behind?: { readonly mux: string; readonly channel: number };
  readonly fields: Readonly<Record<string, ReadFieldMeta>>;
  readonly commands: Readonly<Record<string, CommandMeta>>;
  /** One interval a sample. */
  readonly intervalsMs: readonly number[];
}

/** The payload of `device/<d>/meta`. */
export function describeDevice(device: Device): DeviceMeta {
  const { type } = device;
  return {
    id: device.id,
    type: type.id,
    label: device.label ?? type.label ?? device.id,
    bus: device.bus,
    address: hexAddress(device.address),
    ...(device.via === undefined
      ? {}
      : { behind: { mux: hexAddress(device.via.mux), channel: device.via.channel } }),
    fields: Object.fromEntries(type.samples.flatMap(describeFields)),
    commands: Object.fromEntries(
      [...type.commands.values()].map((command) => [command.id, describeCommand(command)]),
    ),
    intervalsMs: type.samples.map((sample) => sample.everyMs),
  };
}

function describeFields({ fields, everyMs, onChange }: SampleSpec): [id: string, meta: ReadFieldMeta][] {
  const recordedEveryMs = Math.max(everyMs, onChange?.longestSilenceMs ?? 0);
  return fields.map((field) => [field.id, { ...describeField(field), recordedEveryMs }]);
}

function describeField(field: FieldSpec): FieldMeta {
  const names = field.names === undefined ? {} : { names: [...field.names.values()] };
  return { type: valueTypeOf(field), ...names, ...pick(field, 'unit', 'min', 'max', 'label') };
}

function describeCommand(command: CommandSpec): CommandMeta {
  const args = Object.fromEntries(command.args.map((arg) => [arg.id, describeArgument(arg)]));
  const ending = command.ending === undefined ? {} : { for: pick(command.ending, 'defaultMs', 'maxMs') };
  return { ...pick(command, 'label'), args, ...ending };
}

function describeArgument(arg: ArgumentSpec): ArgumentMeta {
  const type = argumentKind(arg);
  if (type === 'boolean') return { type, ...pick(arg, 'label', 'default') };
  if (type === 'string') {
    const { names, length: maxLength } = arg;
    const limits = names === undefined ? defined({ maxLength }) : { names: [...names.values()] };
    return { type, ...limits, ...pick(arg, 'unit', 'label', 'default') };
  }
  const step = stepOf(arg);
  const isWhole = step !== undefined && Number.isInteger(step) && Number.isInteger(arg.min);
  const whole = isWhole ? ({ integer: true } as const) : {};
  return { type, ...pick(arg, 'unit', 'min', 'max', 'label', 'default'), ...whole, ...defined({ step }) };
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  const there = keys.filter((key) => key in from).map((key) => [key, from[key]]);
  return Object.fromEntries(there) as Pick<T, K>;
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
