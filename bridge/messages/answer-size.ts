// How much one answer may hold, in bytes as it goes out: our own bound, and that of the broker that it goes by.
import { encodeJson } from '../../shared/messages.js';

/** Bytes of JSON in one answer: a tenth of what may wait for one client of the broker, and of a page's memory. */
export const MAX_ANSWER_BYTES = 2_000_000;
/** Of a response, beside its items: topic, id, range, cursor. */
const ENVELOPE_BYTES = 1000;
/** Smaller, the newest item alone might not fit. */
const LEAST_ANSWER_BYTES = 1000;

/** In bytes, what the broker takes that answers go by, where that is known. */
export type LargestMessage = () => number | undefined;

export function mostAnswerBytes(largestMessage: LargestMessage): number {
  const broker = (largestMessage() ?? Infinity) - ENVELOPE_BYTES;
  return Math.max(LEAST_ANSWER_BYTES, Math.min(MAX_ANSWER_BYTES, broker));
}

/** As many from that end as an answer of so many bytes may hold, at least one. */
export function fitting<T>(items: readonly T[], end: 'newest' | 'oldest', mostBytes: number): readonly T[] {
  const inOrder = end === 'oldest' ? items : items.toReversed();
  let bytes = 0;
  const tooMany = inOrder.findIndex((item, index) => {
    bytes += encodeJson(item).length + 1;
    return index > 0 && bytes > mostBytes;
  });
  if (tooMany < 0) return items;
  return end === 'oldest' ? items.slice(0, tooMany) : items.slice(-tooMany);
}
