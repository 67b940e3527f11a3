// History is what is stored and what still waits; a sample may for a moment be in both.
import { compareCursors, cursorOf } from '../../shared/history-cursor.js';
import type { HistoryQuery } from '../../shared/stores.js';
import { keyOf, type RecordedSample } from '../../shared/sample.js';

/** Both lists as one, each identity once, oldest first: the newest `limit`, or with `after` the oldest. */
export function mergeSamples(
  stored: readonly RecordedSample[],
  waiting: readonly RecordedSample[],
  { limit, after }: Pick<HistoryQuery, 'limit' | 'after'>,
): readonly RecordedSample[] {
  const byKey = new Map<string, RecordedSample>();
  for (const sample of [...stored, ...waiting]) byKey.set(keyOf(sample), sample);
  const all = [...byKey.values()];
  if (after !== undefined)
    return all.sort((a, b) => compareCursors(cursorOf(a), cursorOf(b))).slice(0, limit);
  // slice(-0) would keep all.
  return limit < 1 ? [] : all.sort((a, b) => a.ts - b.ts).slice(-limit);
}
