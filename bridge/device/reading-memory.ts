// What a device's earlier readings say about the newest: a jump is doubted, noise is levelled, a counter must move.
import type { DecodedFields } from '../../shared/codec/fields.js';
import type { FieldSpec, MaxStep, SampleSpec } from '../../shared/device-type.js';
import { GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Value } from '../../shared/sample.js';

interface Moment {
  readonly value: number;
  /** Of the monotonic clock. */
  readonly atMs: number;
}

/** What is kept of one field: bounded by its `median`. */
interface FieldMemory {
  believed?: Moment;
  /** The jump that was not believed: a second reading like it is. */
  doubted?: Moment;
  /** When the value last became what it is. */
  changed?: Moment;
  recent: readonly Moment[];
}

/** A value this many windows old says nothing about now. */
const WINDOWS_KEPT = 2;

export class ReadingMemory {
  readonly #fields = new Map<string, FieldMemory>();

  /** Forgets all: after an absence nothing earlier tells about what comes. */
  forget(): void {
    this.#fields.clear();
  }

  /** The reading in the light of earlier ones. Throws GatewayError stale where its counter stands still. */
  review(decoded: DecodedFields, sample: SampleSpec, atMs: number): DecodedFields {
    for (const field of sample.fields) this.#refuseStale(field, decoded.values[field.id], atMs);
    const values: Record<string, Value> = { ...decoded.values };
    const errors: Record<string, ErrorCode> = { ...decoded.errors };
    for (const field of sample.fields) {
      const value = values[field.id];
      if (typeof value !== 'number') continue;
      if (this.#isJump(field, { value, atMs })) {
        values[field.id] = null;
        errors[field.id] = 'implausible_step';
      } else {
        values[field.id] = this.#levelled(field, { value, atMs }, sample.everyMs);
      }
    }
    return { values, errors };
  }

  #of(field: FieldSpec): FieldMemory {
    const known = this.#fields.get(field.id);
    if (known !== undefined) return known;
    const fresh: FieldMemory = { recent: [] };
    this.#fields.set(field.id, fresh);
    return fresh;
  }

  #refuseStale(field: FieldSpec, value: Value | undefined, atMs: number): void {
    const { id, changesWithinMs } = field;
    if (changesWithinMs === undefined || typeof value !== 'number') return;
    const memory = this.#of(field);
    if (memory.changed?.value !== value) memory.changed = { value, atMs };
    const stoodMs = atMs - memory.changed.atMs;
    if (stoodMs <= changesWithinMs) return;
    throw new GatewayError(
      'stale',
      `${id} has been ${String(value)} for ${String(Math.round(stoodMs))} ms; it changes within ${String(changesWithinMs)} ms where the firmware runs.`,
    );
  }

  /** A jump is believed once a second reading agrees with it: then the world has changed, not a bit. */
  #isJump(field: FieldSpec, now: Moment): boolean {
    if (field.maxStep === undefined) return false;
    const memory = this.#of(field);
    const { believed, doubted } = memory;
    if (
      believed === undefined ||
      isNear(believed, now, field.maxStep) ||
      (doubted && isNear(doubted, now, field.maxStep))
    ) {
      memory.believed = now;
      delete memory.doubted;
      return false;
    }
    memory.doubted = now;
    return true;
  }

  /** The median of the last values; of an even number the oldest doesn't vote, so it is always one that was measured. */
  #levelled(field: FieldSpec, now: Moment, everyMs: number): number {
    const { median } = field;
    if (median === undefined) return now.value;
    const memory = this.#of(field);
    const sinceMs = now.atMs - WINDOWS_KEPT * median * everyMs;
    memory.recent = [...memory.recent.filter(({ atMs }) => atMs >= sinceMs), now].slice(-median);
    const voting = memory.recent.slice(memory.recent.length % 2 === 0 ? 1 : 0);
    const sorted = voting.map(({ value }) => value).toSorted((a, b) => a - b);
    return sorted[(sorted.length - 1) / 2] ?? now.value;
  }
}

/** Binary noise of a subtraction: 0.3 − 0.1 is not above 0.2. */
const TOLERANCE = 1e-9;

function isNear(before: Moment, now: Moment, { by, perMs }: MaxStep): boolean {
  const allowed = perMs === undefined ? by : (by * (now.atMs - before.atMs)) / perMs;
  return Math.abs(now.value - before.value) <= allowed * (1 + TOLERANCE) + TOLERANCE * Math.abs(before.value);
}
