// Decides of one sample's readings which are news: what hasn't changed needs no record, but silence must not be endless.
import type { FieldSpec, SampleSpec } from '../../shared/device-type.js';
import type { Value } from '../../shared/sample.js';
import type { Reading } from '../device/reader.js';

/** Polls come a little early or late: so much of an interval is no longer silence. */
const JITTER = 0.1;

interface Told {
  readonly reading: Pick<Reading, 'values' | 'errors'>;
  readonly atMs: number;
}

export class ChangeFilter {
  readonly #sample: SampleSpec;
  #told: Told | undefined;

  constructor(sample: SampleSpec) {
    this.#sample = sample;
  }

  /** The next reading is news: the device was away. */
  forget(): void {
    this.#told = undefined;
  }

  /** Whether this reading is to be told; `atMs` of the monotonic clock. What is told is what the next is compared with. */
  isNews(reading: Pick<Reading, 'values' | 'errors'>, atMs: number): boolean {
    const { onChange, everyMs } = this.#sample;
    if (onChange === undefined) return true;
    const told = this.#told;
    // Would the next poll be too late?
    const isTime =
      told !== undefined && atMs - told.atMs + everyMs > onChange.longestSilenceMs + everyMs * JITTER;
    if (told !== undefined && !isTime && !this.#differs(told.reading, reading)) return false;
    this.#told = { reading, atMs };
    return true;
  }

  #differs(before: Told['reading'], now: Told['reading']): boolean {
    return this.#sample.fields.some(
      (field) =>
        before.errors[field.id] !== now.errors[field.id] ||
        moved(field, before.values[field.id], now.values[field.id]),
    );
  }
}

/** By more than its deadband from what was told last, so that a slow drift is told as well. */
function moved({ deadband = 0 }: FieldSpec, before: Value | undefined, now: Value | undefined): boolean {
  if (typeof before === 'number' && typeof now === 'number') return Math.abs(now - before) > deadband;
  return before !== now;
}
