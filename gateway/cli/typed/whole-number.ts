// A number that was typed.
import { GatewayError } from '../../../shared/errors.js';
import { shown } from '../../../shared/words/shown.js';

/** Also `0x10`. Throws bad_argument: `--limit is a whole number, not "many".` */
export function wholeNumber(text: string, what: string): number {
  const number = text.trim() === '' ? NaN : Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new GatewayError('bad_argument', `${what} is a whole number, not ${shown(text)}.`);
}
