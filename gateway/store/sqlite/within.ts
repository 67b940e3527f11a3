// Limits are rows and characters: a row may be a thousand times the size of another, and the threads' heaps are of one size.
import type { SqlRow } from './engine.js';

/** Of the samples that a delivery or a take-over has in hand at once. */
export const BATCH_CHARS = 8_000_000;
/** Of one answer of the file, where the question says nothing else. */
export const ANSWER_CHARS = 16_000_000;

export interface Taken<T> {
  readonly rows: readonly T[];
  /** There were more rows than fit: these are the first ones. */
  readonly cut: boolean;
}

/** Until they have so many characters, the one included with which they do; `read` may leave one out. */
export function takeWithin<T>(
  rows: Iterable<SqlRow>,
  mostChars: number,
  read: (row: SqlRow) => { readonly value: T; readonly chars: number } | undefined,
): Taken<T> {
  const taken: T[] = [];
  let left = mostChars;
  for (const row of rows) {
    const made = read(row);
    if (made === undefined) continue;
    if (left <= 0 && taken.length > 0) return { rows: taken, cut: true };
    left -= made.chars;
    taken.push(made.value);
  }
  return { rows: taken, cut: false };
}

/** JSON1's words for a text that is none; one damaged byte is enough. */
export function isMalformedJson(thrown: unknown): boolean {
  return thrown instanceof Error && /malformed JSON/i.test(thrown.message);
}
