// The messages of one device, as the page shows them: whatever a client published in their place becomes nothing, or text.
import type { DeviceMeta } from '../../../../bridge/polling/meta.js';
import type { FaultReport } from '../../../../bridge/device/fault-log.js';
import type { AvailabilityMessage, StateMessage } from '../../../../shared/messages.js';
import type { Value } from '../../../../shared/sample.js';
import {
  DEVICE_STATES,
  type ShownArgument,
  type ShownAvailability,
  type ShownCommand,
  type ShownFault,
  type ShownField,
  type ShownMeta,
  type ShownState,
  type ShownTraffic,
} from './model.js';
import { entriesOf, listOf, numberOf, objectIn, objectOf, present, textOf, type Unsure } from './unsure.js';

type FieldMeta = DeviceMeta['fields'][string];
type CommandMeta = DeviceMeta['commands'][string];
type ArgumentMeta = CommandMeta['args'][string];

/** More than any device has; the rest is somebody flooding the page. */
const MOST_ENTRIES = 200;
/** All that a byte can be. */
const MOST_NAMES = 256;

export function readMeta(id: string, payload: Uint8Array): ShownMeta {
  const said: Unsure<DeviceMeta> = objectIn<DeviceMeta>(payload) ?? {};
  const intervals = listOf(said.intervalsMs).flatMap((one) => numberOf(one) ?? []);
  return {
    label: textOf(said.label) ?? id,
    ...present({ type: textOf(said.type), bus: textOf(said.bus), address: textOf(said.address) }),
    ...(intervals.length === 0 ? {} : { intervalMs: Math.min(...intervals) }),
    fields: new Map(
      few(entriesOf<FieldMeta>(said.fields)).map(([name, spec]) => [name, readField(name, spec)]),
    ),
    commands: new Map(
      few(entriesOf<CommandMeta>(said.commands)).map(([name, spec]) => [name, readCommand(name, spec)]),
    ),
  };
}

export function emptyMeta(id: string): ShownMeta {
  return { label: id, fields: new Map(), commands: new Map() };
}

function readField(id: string, spec: Unsure<FieldMeta>): ShownField {
  return { ...readWords(id, spec), ...present({ recordedEveryMs: numberOf(spec.recordedEveryMs) }) };
}

function readWords(id: string, spec: Unsure<FieldMeta | ArgumentMeta>): ShownField {
  return {
    ...{ id, label: textOf(spec.label) ?? id },
    ...present({ unit: textOf(spec.unit), min: numberOf(spec.min), max: numberOf(spec.max) }),
  };
}

function readCommand(id: string, spec: Unsure<CommandMeta>): ShownCommand {
  const ending = objectOf<NonNullable<CommandMeta['for']>>(spec.for);
  const maxMs = numberOf(ending?.maxMs);
  return {
    ...{ id, label: textOf(spec.label) ?? id },
    args: few(entriesOf<ArgumentMeta>(spec.args)).map(([name, arg]) => readArgument(name, arg)),
    ...(maxMs === undefined
      ? {}
      : { ending: { maxMs, ...present({ defaultMs: numberOf(ending?.defaultMs) }) } }),
  };
}

function readArgument(id: string, spec: Unsure<ArgumentMeta>): ShownArgument {
  const type = spec.type === 'boolean' || spec.type === 'number' ? spec.type : 'string';
  const { default: given } = spec;
  const fallback = typeof given === type && isValue(given) && given !== null ? given : undefined;
  const names = listOf(spec.names).flatMap((name) => textOf(name) ?? []);
  // One of more than that is typed: a choice that lacks the last ones would be none.
  const isChoice = type === 'string' && names.length > 0 && names.length <= MOST_NAMES;
  return { ...readWords(id, spec), type, ...present({ fallback }), ...(isChoice ? { names } : {}) };
}

export function readAvailability(payload: Uint8Array): ShownAvailability {
  const said: Unsure<AvailabilityMessage> = objectIn<AvailabilityMessage>(payload) ?? {};
  return {
    state: DEVICE_STATES.find((state) => state === said.state) ?? 'unknown',
    ...present({
      since: numberOf(said.since),
      reason: textOf(said.reason),
      message: textOf(said.message),
      hint: textOf(said.hint),
      pausedUntil: numberOf(said.pausedUntil),
    }),
  };
}

export function readState(payload: Uint8Array): ShownState {
  const said: Unsure<StateMessage> = objectIn<StateMessage>(payload) ?? {};
  const values = Object.entries(objectOf<Record<string, unknown>>(said.values) ?? {});
  const errors = Object.entries(objectOf<Record<string, unknown>>(said.errors) ?? {});
  return {
    ...present({ ts: numberOf(said.ts) }),
    values: new Map(few(values).flatMap(([name, value]) => (isValue(value) ? [[name, value]] : []))),
    errors: new Map(few(errors).flatMap(([name, code]) => (typeof code === 'string' ? [[name, code]] : []))),
  };
}

interface HealthSaid {
  readonly faults: unknown;
  readonly traffic: unknown;
}

interface TrafficSaid {
  readonly transactions: number;
  readonly failures: number;
  readonly share: number;
  readonly meanMs: number;
  readonly longestMs: number;
}

export function readDeviceHealth(payload: Uint8Array): {
  readonly faults: readonly ShownFault[];
  readonly traffic?: ShownTraffic;
} {
  const said = objectIn<HealthSaid>(payload) ?? {};
  const faults = few(entriesOf<FaultReport>(said.faults)).map(([code, fault]) => ({
    ...{ code, count: numberOf(fault.count) ?? 0 },
    ...present({ share: numberOf(fault.share), ts: numberOf(fault.ts), bytes: textOf(fault.bytes) }),
    ...present({ message: textOf(fault.message), hint: textOf(fault.hint) }),
  }));
  const traffic = objectOf<TrafficSaid>(said.traffic);
  if (traffic === undefined) return { faults };
  const counts = {
    transactions: numberOf(traffic.transactions) ?? 0,
    failures: numberOf(traffic.failures) ?? 0,
  };
  const times = present({ meanMs: numberOf(traffic.meanMs), longestMs: numberOf(traffic.longestMs) });
  return { faults, traffic: { ...counts, share: numberOf(traffic.share) ?? 0, ...times } };
}

function isValue(value: unknown): value is Value {
  return value === null || ['number', 'boolean', 'string'].includes(typeof value);
}

function few<T>(entries: readonly T[]): readonly T[] {
  return entries.slice(0, MOST_ENTRIES);
}
