// Numbers as people read and type them: `3,5` is 3.5 wherever the page is read.
import type { Value } from '../../../../shared/sample.js';

/** Digits, one decimal mark, and nothing that could be a mark between thousands. */
const NUMBER = /^[+\-−]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,3})?$/i;

/** What somebody typed; undefined where it is no number. One mark is always that of decimals, two are none. */
export function typedNumber(text: string): number | undefined {
  const bare = text.trim();
  if (!NUMBER.test(bare)) return undefined;
  const number = Number(bare.replace(',', '.').replace('−', '-'));
  return Number.isFinite(number) ? number : undefined;
}

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, digits: number): Intl.NumberFormat {
  const key = `${locale}/${String(digits)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, { maximumFractionDigits: digits, useGrouping: false });
  formats.set(key, made);
  return made;
}

/** At most three decimals; very small and very large ones with their exponent. */
export function numberText(value: number, locale: string, digits = 3): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e12)) return String(Number(value.toPrecision(digits + 1)));
  return formatOf(locale, digits).format(value);
}

/** As much of it as stands beside a small line: three digits, or the whole number. */
export function scaleText(value: number, locale: string): string {
  const size = Math.abs(value);
  return numberText(value, locale, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export interface ValueWords {
  readonly locale: string;
  readonly on: string;
  readonly off: string;
}

/** A value with its unit. */
export function valueText(value: Exclude<Value, null>, unit: string | undefined, words: ValueWords): string {
  if (typeof value === 'boolean') return value ? words.on : words.off;
  if (typeof value === 'string') return value;
  const text = numberText(value, words.locale);
  return unit === undefined ? text : `${text}\u00a0${unit}`;
}
