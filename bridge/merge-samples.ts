// History is what is stored and what still waits; a sample may for a moment be in both.
import { identityOf, type RecordedSample } from '../shared/sample.js';

/** Both lists as one, each identity once, oldest first, the newest `limit`. */
export function mergeSamples(
  stored: readonly RecordedSample[],
  waiting: readonly RecordedSample[],
  limit: number,
): readonly RecordedSample[] {
  const byIdentity = new Map<string, RecordedSample>();
  for (const sample of [...stored, ...waiting]) byIdentity.set(identityOf(sample), sample);
  // slice(-0) would keep all.
  return limit < 1 ? [] : [...byIdentity.values()].sort((a, b) => a.ts - b.ts).slice(-limit);
}
