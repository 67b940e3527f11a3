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

function formatOf(locale: string, kind: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}/${kind}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, { useGrouping: false, ...options });
  formats.set(key, made);
  return made;
}

/** At most three decimals; of small ones as many as tell them apart, very small and very large ones with their exponent. */
export function numberText(value: number, locale: string, digits = 3): string {
  const size = Math.abs(value);
  const count = String(digits);
  if (size === 0 || (size >= 0.1 && size < 1e12))
    return formatOf(locale, count, { maximumFractionDigits: digits }).format(value);
  const maximumSignificantDigits = digits + 1;
  if (size >= 1e-6 && size < 1)
    return formatOf(locale, `small/${count}`, { maximumSignificantDigits }).format(value);
  const notation = 'scientific';
  return formatOf(locale, `exponent/${count}`, { notation, maximumSignificantDigits }).format(value);
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
