// What the recorder answered, as what a chart draws: columns of times and values, gaps where nothing was recorded.
import type { HistoryAnswer, PointsAnswer } from '../../../../bridge/history/history.js';

/** A disbelieved reading: when, and the code. */
export type Disbelieved = readonly [ts: number, code: string];

/** Columns of the same length; times in epoch ms. `null` is a gap. */
export interface Series {
  readonly ts: readonly number[];
  readonly mean: readonly (number | null)[];
  /** There where the store has made points of many readings. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
  readonly disbelieved: readonly Disbelieved[];
}

/** Beyond so many intervals without a sample there is a gap. */
export const GAP_INTERVALS = 3.5;

/** `intervalMs`: how often the field is recorded; between samples that are further apart than some of it there is a gap. */
export function seriesOfSamples(
  { samples }: Pick<HistoryAnswer, 'samples'>,
  field: string,
  intervalMs: number,
): Series {
  const ts: number[] = [];
  const mean: (number | null)[] = [];
  const disbelieved: Disbelieved[] = [];
  let previous: number | undefined;
  for (const sample of samples) {
    const value = sample.values[field];
    if (value === undefined) continue;
    if (previous !== undefined && sample.ts - previous > GAP_INTERVALS * intervalMs) {
      ts.push(previous + 1);
      mean.push(null);
    }
    previous = sample.ts;
    const number = typeof value === 'boolean' ? Number(value) : value;
    ts.push(sample.ts);
    mean.push(typeof number === 'number' ? number : null);
    const code = sample.errors?.[field];
    if (code !== undefined) disbelieved.push([sample.ts, code]);
  }
  return { ts, mean, disbelieved };
}

export function seriesOfPoints(
  { series, bucketMs }: Pick<PointsAnswer, 'series' | 'bucketMs'>,
  field: string,
  intervalMs: number,
): Series {
  const gapMs = Math.max(1.5 * bucketMs, GAP_INTERVALS * intervalMs);
  const ts: number[] = [];
  const [mean, low, high]: (number | null)[][] = [[], [], []];
  let previous: number | undefined;
  for (const [at, , min, avg, max] of series[field] ?? []) {
    if (previous !== undefined && at - previous > gapMs) {
      ts.push(previous + bucketMs);
      mean?.push(null);
      low?.push(null);
      high?.push(null);
    }
    previous = at;
    ts.push(at);
    mean?.push(avg);
    low?.push(min);
    high?.push(max);
  }
  return { ts, mean: mean ?? [], band: { low: low ?? [], high: high ?? [] }, disbelieved: [] };
}

export interface Growth {
  /** Epoch ms: what lies before goes. */
  readonly fromTs: number;
  /** Beyond so long without a reading there is a gap. */
  readonly gapMs: number;
}

/** The same with one more reading behind it. */
export function withReading(
  series: Series,
  ts: number,
  value: number | null,
  { fromTs, gapMs }: Growth,
): Series {
  const last = series.ts.at(-1);
  if (last !== undefined && ts <= last) return series;
  const hasGap = last !== undefined && ts - last > gapMs;
  const first = series.ts.findIndex((at) => at >= fromTs);
  const cut = first < 0 ? series.ts.length : first;
  const grown = (column: readonly (number | null)[]): (number | null)[] => [
    ...column.slice(cut),
    ...(hasGap ? [null] : []),
    value,
  ];
  return {
    ts: [...series.ts.slice(cut), ...(hasGap ? [last + 1] : []), ts],
    mean: grown(series.mean),
    disbelieved: series.disbelieved.filter(([at]) => at >= fromTs),
    ...(series.band === undefined
      ? {}
      : { band: { low: grown(series.band.low), high: grown(series.band.high) } }),
  };
}

/** Places in a column of those that have a gap on either side. */
export function aloneIn(column: ArrayLike<number | null | undefined>): number[] {
  const isThere = (at: number): boolean => typeof column[at] === 'number';
  return [...Array(column.length).keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}

/** The lowest and highest of it; undefined where there is no number. */
export function extentOf(series: Series): readonly [low: number, high: number] | undefined {
  const numbers = [...(series.band?.low ?? series.mean), ...(series.band?.high ?? [])].filter(
    (one) => one !== null,
  );
  if (numbers.length === 0) return undefined;
  let [low, high] = [Infinity, -Infinity];
  for (const one of numbers) {
    low = Math.min(low, one);
    high = Math.max(high, one);
  }
  return [low, high];
}
