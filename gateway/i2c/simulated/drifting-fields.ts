// Plausible readings for a device that is known by its description alone: every field drifts between its limits.
import { bodyLength } from '../../../shared/codec/frame.js';
import { swapped } from '../../../shared/codec/swapped.js';
import { isNumberType, isTextType, sizeOf, WIRE_TYPES } from '../../../shared/codec/wire-types.js';
import type { BodySpec, FieldSpec } from '../../../shared/device-type.js';
import { toValue } from '../../../shared/codec/number-value.js';
import { isWhole, limitsOf, nearestRaw, neighbourOf, rangeOf } from './plausible-values.js';

const PERIOD_MS = 10 * 60_000;
/** How far from the middle of its range a value goes, as a part of the range: it never touches a limit. */
const SWING = 0.3;
const DECIMAL_DIGITS = 4;

/** What is known of one field at one moment. */
interface Moment {
  /** -1…1 */
  readonly wave: number;
  readonly everyMs: number;
  /** How often it was read before. */
  readonly turn: number;
  /** What a command has set. */
  readonly known: number | undefined;
  /** It does not drift: a constant. */
  readonly steady: boolean;
}

/** What is simulated: a sample, or a step of a conversation. */
export type Simulated = BodySpec &
  Parameters<typeof bodyLength>[0] & { readonly everyMs: number; readonly steady?: boolean };

/**
 * The body of a reply to a sample's read, the one after so many: `values` where known (by field id), else values that
 * drift with `atMs`.
 */
export function driftingBody(
  sample: Simulated,
  atMs: number,
  phase: number,
  values: ReadonlyMap<string, number>,
  turn: number,
): Uint8Array {
  const { fields, split, pair, steady = false } = sample;
  const body = new Uint8Array(bodyLength(sample));
  const view = new DataView(body.buffer);
  const parts: (string | undefined)[] = [];
  for (const [index, field] of fields.entries()) {
    const wave = Math.sin(2 * Math.PI * (atMs / PERIOD_MS + phase + index / fields.length));
    const known = field.changesWithinMs === undefined ? believable(field, values.get(field.id)) : undefined;
    const moment = {
      wave: steady ? 0 : waveOf(field, wave, turn),
      known,
      everyMs: sample.everyMs,
      turn,
      steady,
    };
    if (split === undefined) encodeField(view, field, moment);
    else
      parts[field.at] =
        `${pair === undefined ? '' : `${field.key ?? field.id}${pair}`}${textOf(field, moment)}`;
  }
  if (split !== undefined) putText(body, Array.from(parts, (part) => part ?? '').join(split));
  return body;
}

function encodeField(view: DataView, field: FieldSpec, moment: Moment): void {
  const { type, at, bits, swap } = field;
  const { wave, known } = moment;
  const isSet = (known ?? field.example ?? (wave > 0 ? 1 : 0)) !== 0;
  if (type === 'bool') view.setUint8(at, isSet ? 1 : 0);
  else if (type === 'bit') view.setUint8(at, view.getUint8(at) | (isSet ? 1 << (field.bit ?? 0) : 0));
  else if (isTextType(type)) {
    const bytes = new Uint8Array(view.buffer, at, sizeOf(type, field.length));
    if (type === 'hex') bytes.fill(0x80 + Math.round(100 * wave));
    else putText(bytes, textOf(field, moment));
    bytes.set(swapped(bytes, swap));
  } else if (isNumberType(type)) {
    const bytes = new Uint8Array(view.buffer, at, WIRE_TYPES[type].size);
    // Fields of bits share their bytes: they are put in their order, changed, and put back.
    const ordered = swapped(bytes, swap).slice();
    WIRE_TYPES[type].write(new DataView(ordered.buffer), 0, rawOf(field, moment), bits);
    bytes.set(swapped(ordered, swap));
  }
}

/** The raw number of a value between the limits, and never one that means that there is none. */
function rawOf(field: FieldSpec, moment: Moment): number {
  const { wave, known, everyMs } = moment;
  if (field.mask !== undefined)
    return flagged(field.mask, field.is, known === undefined ? wave > 0 : known !== 0);
  if (field.example !== undefined && known === undefined) return nearExample(field, field.example, moment);
  if (field.names !== undefined) return known ?? oneOf([...field.names.keys()], wave);
  const { low, high } = rangeOf(field);
  const swing = Math.min((high - low) * SWING, calmSwing(field, everyMs));
  const middle = nearestRaw(field, known ?? (low + high) / 2);
  const raw = isCoarse(field, middle, swing, everyMs)
    ? smallestChange(field, middle, moment)
    : nearestRaw(field, known ?? (low + high) / 2 + swing * wave);
  return field.none?.includes(raw) === true ? raw + 1 : raw;
}

function flagged(mask: number, is: readonly number[] | undefined, isSet: boolean): number {
  const [on = mask] = is ?? [];
  if (isSet) return on;
  return is?.includes(0) === true ? mask : 0;
}

/** Half a percent to both sides, where it is measured. */
const NEAR = 0.005;

function nearExample(field: FieldSpec, example: number, { wave, steady }: Moment): number {
  if (steady) return example;
  const raw = example * (1 + NEAR * wave);
  return isWhole(field) ? Math.round(raw) : raw;
}

/** What must change within a time takes three values in turn: seen by whoever reads, also with another one in between. */
function waveOf({ changesWithinMs }: FieldSpec, wave: number, turn: number): number {
  return changesWithinMs === undefined ? wave : (turn % 3) - 1;
}

/** Whole numbers whose next one is beyond the swing, or beyond what is believed: rounding would make none or too much of it. */
function isCoarse(field: FieldSpec, raw: number, swing: number, everyMs: number): boolean {
  if (!isWhole(field) || (field.maxStep === undefined && field.changesWithinMs === undefined)) return false;
  return stepFrom(field, raw) > Math.min(swing, believedStep(field, everyMs));
}

/** Of a change per time half, because two reads may be closer than `every`. */
function believedStep({ maxStep }: FieldSpec, everyMs: number): number {
  if (maxStep === undefined) return Number.POSITIVE_INFINITY;
  return maxStep.perMs === undefined ? maxStep.by : (maxStep.by * everyMs) / maxStep.perMs / 2;
}

function stepFrom(field: FieldSpec, raw: number): number {
  return Math.abs(toValue(neighbourOf(field, raw), field) - toValue(raw, field));
}

/** To and fro where it must change; where it need not, to the next number only if that is believed. */
function smallestChange(field: FieldSpec, raw: number, { wave, everyMs, turn, known }: Moment): number {
  if (field.changesWithinMs !== undefined) return turn % 2 === 0 ? raw : neighbourOf(field, raw);
  const isBelieved = stepFrom(field, raw) <= believedStep(field, everyMs);
  return known === undefined && wave > 0 && isBelieved ? neighbourOf(field, raw) : raw;
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
