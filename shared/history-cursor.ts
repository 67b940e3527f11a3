// Where a page of samples ended: the same place in every store, also among samples of one moment.
import { keyOf, type RecordedSample } from './sample.js';

/** Samples of a device are in order of `ts`, those of one `ts` in order of their `keyOf`. */
export interface HistoryCursor {
  /** Epoch ms. */
  readonly ts: number;
  /** `keyOf` the sample that was last; empty stands before all of that moment. */
  readonly identity: string;
}

/** `1767000000123/mwsein4t-zjetj3/tank-1/42+greenhouse`. */
export function cursorText(sample: RecordedSample): string {
  return `${String(sample.ts)}/${keyOf(sample)}`;
}

/** undefined where the text is no cursor. */
export function parseCursor(text: string): HistoryCursor | undefined {
  const [, ts, identity] = /^(\d{1,16}(?:\.\d+)?)\/(.+)$/su.exec(text) ?? [];
  return ts === undefined || identity === undefined ? undefined : { ts: Number(ts), identity };
}

export function cursorOf(sample: RecordedSample): HistoryCursor {
  return { ts: sample.ts, identity: keyOf(sample) };
}

export function compareCursors(a: HistoryCursor, b: HistoryCursor): number {
  return a.ts - b.ts || compareTexts(a.identity, b.identity);
}

const encoder = new TextEncoder();

/** By the bytes of UTF-8, as SQLite and MongoDB compare; JavaScript compares UTF-16, another order above U+D7FF. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const differs = left.findIndex((byte, index) => byte !== right[index]);
  return differs < 0 ? left.length - right.length : (left[differs] ?? 0) - (right[differs] ?? -1);
}
