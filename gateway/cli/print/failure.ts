// What went wrong: a sentence on the standard error, or with --json one JSON document in the answer's place.
import { argv, stderr, stdout } from 'node:process';
import { ERROR_CODES, type GatewayError } from '../../../shared/errors.js';
import { ConfigMistakes } from '../../config/mistakes.js';

export const HELP_LINE = '(--help tells what can be typed)';

export function printFailure(error: GatewayError): void {
  if (!isJsonWanted()) {
    stderr.write(`${error.code}: ${error.message}\n`);
    return;
  }
  const { code, message } = error;
  const mistakes = error instanceof ConfigMistakes ? { mistakes: error.mistakes } : {};
  print({ code, message, advice: ERROR_CODES[code], ...mistakes });
}

/** What commander says of words that it does not know: `error: unknown option '--jsn'\n(Did you mean --json?)\n`. */
export function printMistyped(text: string, write: (text: string) => void): void {
  if (!isJsonWanted()) {
    write(text);
    return;
  }
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
  print({ code: 'bad_argument', message, advice: HELP_LINE });
}

/** Where what was typed is not understood, it is still seen. */
export function isJsonWanted(): boolean {
  return argv.includes('--json');
}

function print(error: object): void {
  stdout.write(`${JSON.stringify({ error })}\n`);
}
