// What went wrong: a sentence on the standard error, or with --json one JSON document in the answer's place.
import { argv, stderr, stdout } from 'node:process';
import { ERROR_CODES, type GatewayError } from '../../../shared/errors.js';
import { meantOrKnown } from '../../../shared/words/meant.js';
import { ConfigMistakes } from '../../config/mistakes.js';
import { lookOf } from './paint.js';
import { folded } from './width.js';

export const HELP_LINE = '(--help tells what can be typed)';

export function printFailure(error: GatewayError): void {
  if (!isJsonWanted()) {
    stderr.write(`${folded(`${error.code}: ${error.message}`, lookOf(stderr).widthColumns)}\n`);
    return;
  }
  const { code, message } = error;
  const mistakes = error instanceof ConfigMistakes ? { mistakes: error.mistakes } : {};
  print({ code, message, advice: ERROR_CODES[code], ...mistakes });
}

/** What commander says of words that it does not know: `error: unknown option '--jsn'\n(Did you mean --json?)\n`. */
export function printMistyped(text: string, write: (text: string) => void): void {
  const reworded = notAChoice(text);
  if (!isJsonWanted()) {
    write(folded(reworded, lookOf(stderr).widthColumns));
    return;
  }
  const message = reworded
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
  print({ code: 'bad_argument', message, advice: HELP_LINE });
}

const OPTION = /^error: option '(--[\w-]+).*' argument '(.*)' is invalid\. Allowed choices are (.*)\./;
const PLACE =
  /^error: command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\./;

/** What is none of the choices, with the one that was meant where one is near. */
function notAChoice(text: string): string {
  const reworded = (place: string, value: string, choices: string): string =>
    `error: ${place} cannot be '${value}'; ${meantOrKnown(value, choices.split(', '))}`;
  return text
    .replace(OPTION, (_, option: string, value: string, choices: string) => reworded(option, value, choices))
    .replace(PLACE, (_, value: string, place: string, choices: string) =>
      reworded(`<${place}>`, value, choices),
    );
}

/** Where what was typed is not understood, it is still seen. */
export function isJsonWanted(): boolean {
  return argv.includes('--json');
}

function print(error: object): void {
  stdout.write(`${JSON.stringify({ error })}\n`);
}
