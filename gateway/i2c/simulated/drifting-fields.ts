// Plausible readings for a device that is known by its description alone: every field drifts between its limits.
import { bodyLength } from '../../../shared/codec/frame.js';
import { WIRE_TYPES, type NumberTypeName } from '../../../shared/codec/wire-types.js';
import type { FieldSpec, SampleSpec } from '../../../shared/device-type.js';

const PERIOD_MS = 10 * 60_000;
/** How far from the middle of its range a value goes, as a part of the range: it never touches a limit. */
const SWING = 0.3;
/** The range of a field without limits, in its unit. */
const DEFAULT_SPAN = 100;

/** The body of a reply to a sample's read: `values` where known (by field id), else values that drift with `atMs`. */
export function driftingBody(
  sample: SampleSpec,
  atMs: number,
  phase: number,
  values: ReadonlyMap<string, number>,
): Uint8Array {
  const body = new Uint8Array(bodyLength(sample));
  const view = new DataView(body.buffer);
  for (const [index, field] of sample.fields.entries()) {
    const wave = Math.sin(2 * Math.PI * (atMs / PERIOD_MS + phase + index / sample.fields.length));
    encodeField(view, field, wave, believable(field, values.get(field.id)));
  }
  return body;
}

function encodeField(view: DataView, field: FieldSpec, wave: number, known: number | undefined): void {
  const { type, at } = field;
  const isSet = known === undefined ? wave > 0 : known !== 0;
  if (type === 'bool') view.setUint8(at, isSet ? 1 : 0);
  else if (type === 'bit') view.setUint8(at, view.getUint8(at) | (isSet ? 1 << (field.bit ?? 0) : 0));
  else {
    const { low, high } = rangeOf(field, type);
    const value = known ?? (low + high) / 2 + (high - low) * SWING * wave;
    const raw = value / (field.scale ?? 1);
    WIRE_TYPES[type].write(view, at, WIRE_TYPES[type].integer ? Math.round(raw) : raw);
  }
}

/** A command's argument shows in the field of its name, unless the field could not hold it. */
function believable(field: FieldSpec, value: number | undefined): number | undefined {
  if (value === undefined || field.type === 'bool' || field.type === 'bit') return value;
  const limits = typeRange(field, field.type);
  const fits = value >= (field.min ?? limits.min) && value <= (field.max ?? limits.max);
  return fits ? value : undefined;
}

function rangeOf(field: FieldSpec, type: NumberTypeName): { readonly low: number; readonly high: number } {
  const limits = typeRange(field, type);
  const top = Math.min(field.max ?? limits.max, limits.max);
  const low = Math.max(field.min ?? Math.min(0, top - DEFAULT_SPAN), limits.min);
  return { low, high: field.max === undefined ? Math.min(top, low + DEFAULT_SPAN) : top };
}

/** What the type can hold, in the field's unit. */
function typeRange(field: FieldSpec, type: NumberTypeName): { readonly min: number; readonly max: number } {
  const scale = field.scale ?? 1;
  const ends = [WIRE_TYPES[type].min * scale, WIRE_TYPES[type].max * scale];
  return { min: Math.min(...ends), max: Math.max(...ends) };
}
