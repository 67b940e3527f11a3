// The replies of a conversation → its values: what is read in each step, what is valid of it, and what is computed from it.
import type { ConversationSpec, FieldSpec, StepSpec } from '../device-type.js';
import type { ErrorCode } from '../errors.js';
import type { Value } from '../sample.js';
import { evaluate, type Scope } from './expression/evaluate.js';
import { believedNumber, eachDecoded, rawNumber, type Decoded, type DecodedFields } from './fields.js';
import { passes } from './reply-test.js';

/** Constants of the device and its parameters, by name. */
export type Known = ReadonlyMap<string, number | boolean>;

/** Known to the computed fields of a sample: seconds since its device was first read after it was found, or set up again. */
export const READ_FOR = 'read_for';

/** What is known of one field: what comes of it, and its number in the bytes, which tests look at. */
interface Seen {
  readonly field: FieldSpec;
  readonly raw: number | undefined;
  decoded: Decoded;
}

/**
 * `bodies`: of each step its reply's body, in their order; nothing is looked at for steps that read nothing.
 * Throws as {@link decodeFields}.
 */
export function decodeConversation(
  bodies: readonly (Uint8Array | undefined)[],
  { steps, computed, fields }: Pick<ConversationSpec, 'steps' | 'computed' | 'fields'>,
  known: Known,
): DecodedFields {
  const seen = new Map<string, Seen>();
  for (const [index, step] of steps.entries()) {
    const body = bodies[index];
    // A step that was left out, because what came before said that there is nothing to read.
    if (body === undefined)
      for (const field of step.fields)
        seen.set(field.id, { field, raw: undefined, decoded: { error: 'not_valid' } });
    if (body === undefined) continue;
    eachDecoded(body, step, (field, decoded) => {
      const raw = step.split === undefined ? rawNumber(body, field) : undefined;
      seen.set(field.id, { field, raw, decoded });
    });
  }
  for (const one of seen.values()) one.decoded = ifValid(one.field, one.decoded, seen);
  const scope = scopeOf(seen, known);
  for (const field of computed) {
    const decoded = computedValue(field, scope);
    const raw = typeof decoded === 'number' ? decoded : undefined;
    seen.set(field.id, { field, raw, decoded: ifValid(field, decoded, seen) });
  }
  return told(fields, seen);
}

/** Whether a step is to be taken, by what the steps before it have read. */
export function isTaken(
  { onlyIf = [] }: StepSpec,
  before: readonly StepSpec[],
  bodies: readonly (Uint8Array | undefined)[],
): boolean {
  return onlyIf.every((test) => {
    const index = before.findIndex((step) => step.fields.some(({ id }) => id === test.field));
    const field = before[index]?.fields.find(({ id }) => id === test.field);
    const body = bodies[index];
    const raw = field === undefined || body === undefined ? undefined : rawNumber(body, field);
    return raw !== undefined && passes(raw, test);
  });
}

function ifValid(field: FieldSpec, decoded: Decoded, seen: ReadonlyMap<string, Seen>): Decoded {
  for (const test of field.valid ?? []) {
    const other = seen.get(test.field);
    const raw = other?.raw;
    if (raw === undefined) return typeof other?.decoded === 'object' ? other.decoded : { error: 'not_valid' };
    if (!passes(raw, test)) return { error: 'not_valid' };
  }
  return decoded;
}

function scopeOf(seen: ReadonlyMap<string, Seen>, known: Known): Scope {
  return (name) => {
    const decoded = seen.get(name)?.decoded ?? known.get(name);
    if (decoded === undefined || typeof decoded === 'string') return { error: 'no_value' };
    return decoded;
  };
}

function computedValue(field: FieldSpec, scope: Scope): Decoded {
  if (field.compute === undefined) return { error: 'internal' };
  const value = evaluate(field.compute, scope);
  return typeof value === 'number' ? believedNumber(value, field) : value;
}

function told(fields: readonly FieldSpec[], seen: ReadonlyMap<string, Seen>): DecodedFields {
  const values: Record<string, Value> = {};
  const errors: Record<string, ErrorCode> = {};
  for (const { id } of fields) {
    const decoded = seen.get(id)?.decoded ?? { error: 'no_value' as const };
    if (typeof decoded === 'object') {
      values[id] = null;
      errors[id] = decoded.error;
    } else values[id] = decoded;
  }
  return { values, errors };
}
