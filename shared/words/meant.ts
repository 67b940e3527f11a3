// What was probably meant by a number, a word or a name that is not as it has to be.
import { nearest } from './nearest.js';
import { shown } from './shown.js';

const MOST_LISTED = 12;
const MOST_MEANT = 3;
const NUMBER = /^[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e[+-]?\d+)?$/i;
const HEX = /^0x[0-9a-f]+$/i;

/** `write 1.5` for `"1,5"`; undefined where it is none. */
export function meantNumber(text: string): string | undefined {
  const trimmed = text.trim();
  if (HEX.test(trimmed)) return trimmed;
  return NUMBER.test(trimmed) ? trimmed.replace(',', '.') : undefined;
}

/** Of YAML 1.1, of shells and of forms; undefined where it is none. */
export function meantSwitch(value: unknown): boolean | undefined {
  const word = String(value).toLowerCase();
  if (['true', 'yes', 'y', 'on', '1'].includes(word)) return true;
  return ['false', 'no', 'n', 'off', '0'].includes(word) ? false : undefined;
}

/** `"int16" is not known here; did you mean int16le or int16be?`, or with those that there are. */
export function unknownWord(word: string, known: readonly string[]): string {
  return `${shown(word)} is not known here; ${meantOrKnown(word, known)}`;
}

/** Several where the word is the beginning of several. */
export function meantOrKnown(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  const begun = lower.length > 1 ? known.filter((one) => one.startsWith(lower)).slice(0, MOST_MEANT) : [];
  const near = nearest(word, known);
  const meant = begun.length > 0 ? begun : near === undefined ? [] : [near];
  if (meant.length > 0) return `did you mean ${meant.join(' or ')}?`;
  const more = known.length > MOST_LISTED ? ', …' : '';
  return `there are: ${known.slice(0, MOST_LISTED).join(', ')}${more}`;
}
