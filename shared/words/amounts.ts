// Durations and sizes as people write them who have not read how: the unit left out, spelled out, or a decimal comma.
import { shown } from './shown.js';

const AMOUNT = /^([+-]?\d+(?:[.,]\d+)?)\s*([a-zµ]*)\.?$/i;

const TIMES: Readonly<Record<string, readonly string[]>> = {
  ms: ['ms', 'msec', 'msecs', 'milli', 'millis', 'millisecond', 'milliseconds'],
  s: ['s', 'sec', 'secs', 'second', 'seconds'],
  m: ['m', 'min', 'mins', 'minute', 'minutes'],
  h: ['h', 'hr', 'hrs', 'hour', 'hours'],
  d: ['d', 'day', 'days'],
};
const SIZES: Readonly<Record<string, readonly string[]>> = {
  KB: ['kb', 'k', 'kib'],
  MB: ['mb', 'm', 'mib'],
  GB: ['gb', 'g', 'gib'],
};

const DURATION_FORM = 'a duration is a number and a unit: 200ms, 1s, 10m, 2h, 30d';
const SIZE_FORM = 'a size is a number and a unit: 512KB, 10MB, 1GB';

interface Written {
  readonly input?: unknown;
}

/** Of what is no duration: what it should be, and what was meant. */
export function durationWords({ input }: Written): string {
  return amountWords(input, DURATION_FORM, TIMES, 's');
}

/** Of what is no size. */
export function sizeWords({ input }: Written): string {
  return amountWords(input, SIZE_FORM, SIZES, 'MB', /[.,]/);
}

function amountWords(
  input: unknown,
  form: string,
  units: Readonly<Record<string, readonly string[]>>,
  usual: string,
  never?: RegExp,
): string {
  if (input === undefined) return 'is missing';
  const written = typeof input === 'string' || typeof input === 'number' ? String(input).trim() : '';
  const [, count, word = ''] = AMOUNT.exec(written) ?? [];
  const unit =
    word === '' ? usual : Object.keys(units).find((one) => units[one]?.includes(word.toLowerCase()));
  const isUsable = count !== undefined && !/^[+-]/.test(count) && never?.test(count) !== true;
  if (!isUsable || unit === undefined) return `${form}, not ${shown(input)}`;
  const meant = `${count.replace(',', '.')}${unit}`;
  return `${form}; write ${meant}, not ${shown(input)}`;
}

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** `1h` for 3600000: in the largest unit of which it is a whole number. */
export function durationText(ms: number): string {
  const [factor, unit] = STEPS.find(([step]) => ms >= step && ms % step === 0) ?? [1, 'ms'];
  return `${String(ms / factor)}${unit}`;
}
