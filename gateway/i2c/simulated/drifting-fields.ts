// Plausible readings for a device that is known by its description alone: every field drifts between its limits.
import { bodyLength } from '../../../shared/codec/frame.js';
import { isTextType, sizeOf, WIRE_TYPES } from '../../../shared/codec/wire-types.js';
import type { FieldSpec, SampleSpec } from '../../../shared/device-type.js';
import { limitsOf, nearestRaw, rangeOf } from './plausible-values.js';

const PERIOD_MS = 10 * 60_000;
/** How far from the middle of its range a value goes, as a part of the range: it never touches a limit. */
const SWING = 0.3;
const DECIMAL_DIGITS = 4;

/** What is known of one field at one moment. */
interface Moment {
  /** -1…1 */
  readonly wave: number;
  readonly everyMs: number;
  /** What a command has set. */
  readonly known: number | undefined;
}

/** The body of a reply to a sample's read: `values` where known (by field id), else values that drift with `atMs`. */
export function driftingBody(
  sample: SampleSpec,
  atMs: number,
  phase: number,
  values: ReadonlyMap<string, number>,
): Uint8Array {
  const { fields, split } = sample;
  const body = new Uint8Array(bodyLength(sample));
  const view = new DataView(body.buffer);
  const parts: (string | undefined)[] = [];
  for (const [index, field] of fields.entries()) {
    const wave = Math.sin(2 * Math.PI * (atMs / PERIOD_MS + phase + index / fields.length));
    const known = believable(field, values.get(field.id));
    const moment = { wave: waveOf(field, wave, atMs), known, everyMs: sample.everyMs };
    if (split === undefined) encodeField(view, field, moment);
    else parts[field.at] = textOf(field, moment);
  }
  if (split !== undefined) putText(body, Array.from(parts, (part) => part ?? '').join(split));
  return body;
}

function encodeField(view: DataView, field: FieldSpec, moment: Moment): void {
  const { type, at, bits } = field;
  const { wave, known } = moment;
  const isSet = known === undefined ? wave > 0 : known !== 0;
  if (type === 'bool') view.setUint8(at, isSet ? 1 : 0);
  else if (type === 'bit') view.setUint8(at, view.getUint8(at) | (isSet ? 1 << (field.bit ?? 0) : 0));
  else if (isTextType(type)) {
    const bytes = new Uint8Array(view.buffer, at, sizeOf(type, field.length));
    if (type === 'hex') bytes.fill(0x80 + Math.round(100 * wave));
    else putText(bytes, textOf(field, moment));
  } else WIRE_TYPES[type].write(view, at, rawOf(field, moment), bits);
}

/** The raw number of a value between the limits, and never one that means that there is none. */
function rawOf(field: FieldSpec, { wave, known, everyMs }: Moment): number {
  if (field.names !== undefined) return known ?? oneOf([...field.names.keys()], wave);
  const { low, high } = rangeOf(field);
  const swing = Math.min((high - low) * SWING, calmSwing(field, everyMs));
  const raw = nearestRaw(field, known ?? (low + high) / 2 + swing * wave);
  return field.none?.includes(raw) === true ? raw + 1 : raw;
}

/** What must change within a time takes three values in turn, two in that time: seen at any interval that is allowed. */
function waveOf({ changesWithinMs }: FieldSpec, wave: number, atMs: number): number {
  return changesWithinMs === undefined ? wave : (Math.floor((2 * atMs) / changesWithinMs) % 3) - 1;
}

/** The swing at whose steepest a reading differs from the one before by half of what is believed. */
function calmSwing({ maxStep, changesWithinMs }: FieldSpec, everyMs: number): number {
  if (maxStep === undefined) return Number.POSITIVE_INFINITY;
  const byPerMs = maxStep.by / (maxStep.perMs ?? everyMs);
  return changesWithinMs === undefined ? (byPerMs * PERIOD_MS) / (4 * Math.PI) : (byPerMs * everyMs) / 4;
}

function oneOf(choices: readonly number[], wave: number): number {
  return choices[Math.min(choices.length - 1, Math.floor(((wave + 1) / 2) * choices.length))] ?? 0;
}

/** A command's argument shows in the field of its name, unless the field could not hold it. */
function believable(field: FieldSpec, value: number | undefined): number | undefined {
  if (value === undefined || field.type === 'bool' || field.type === 'bit') return value;
  if (field.names !== undefined) return field.names.has(value) ? value : undefined;
  const { min, max } = limitsOf(field);
  return value >= min && value <= max ? value : undefined;
}

function textOf(field: FieldSpec, moment: Moment): string {
  return field.type === 'decimal'
    ? String(Number(rawOf(field, moment).toPrecision(DECIMAL_DIGITS)))
    : field.id;
}

/** Cut or padded with NUL, as firmware does. */
function putText(bytes: Uint8Array, text: string): void {
  bytes.set(new TextEncoder().encode(text).subarray(0, bytes.length));
}
