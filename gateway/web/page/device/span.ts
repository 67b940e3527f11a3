// The time that charts show: how far back, and where one has gone by hand.
export const RANGES = ['hour', 'sixHours', 'day', 'week', 'month', 'year'] as const;
export type RangeName = (typeof RANGES)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const RANGE_MS: Readonly<Record<RangeName, number>> = {
  hour: HOUR,
  sixHours: 6 * HOUR,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  year: 365 * DAY,
};

const SHORTEST_MS = 10_000;
const LONGEST_MS = RANGE_MS.year;

/** Live ones end now and go on; others stay. Epoch ms. */
export type Span =
  | { readonly kind: 'live'; readonly ms: number }
  | { readonly kind: 'still'; readonly from: number; readonly to: number };

export function endsOf(span: Span, now: number): { readonly from: number; readonly to: number } {
  return span.kind === 'live' ? { from: now - span.ms, to: now } : span;
}

/** `parts` of what is shown, to the left where it is negative. Never beyond now: there it is live again. */
export function panned(span: Span, parts: number, now: number): Span {
  const { from, to } = endsOf(span, now);
  const move = (to - from) * parts;
  if (to + move >= now) return { kind: 'live', ms: to - from };
  return { kind: 'still', from: Math.round(from + move), to: Math.round(to + move) };
}

/** `factor` below 1 shows less. About its middle, or its end where it is live. */
export function zoomed(span: Span, factor: number, now: number): Span {
  const { from, to } = endsOf(span, now);
  const ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor));
  if (span.kind === 'live') return { kind: 'live', ms };
  const middle = (from + to) / 2;
  return between(middle - ms / 2, middle + ms / 2, now);
}

export function between(from: number, to: number, now: number): Span {
  const ms = Math.max(SHORTEST_MS, to - from);
  if (to >= now) return { kind: 'still', from: Math.round(now - ms), to: Math.round(now) };
  return { kind: 'still', from: Math.round(to - ms), to: Math.round(to) };
}
