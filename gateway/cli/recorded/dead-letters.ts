// `dead-letters`: what was refused for good, listed, and samples sent again once the reason is gone.
import { stdout } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { identityOf } from '../../../shared/sample.js';
import { readDeadLetters, replayDeadLetters, type DeadLetter } from '../../store/shell/dead-letters.js';
import type { DeadLettersOptions } from './dead-letters-command.js';
import { printable } from '../print/printable.js';

export async function deadLetters(
  action: string,
  positions: readonly string[],
  { data, limit, json }: DeadLettersOptions,
): Promise<void> {
  if (action === 'list') {
    const letters = await readDeadLetters(data, wholeNumber(limit, '--limit'));
    for (const letter of letters)
      stdout.write(`${json === true ? printable(JSON.stringify(letter)) : line(letter)}\n`);
    if (letters.length === 0) console.error('There are no dead letters.');
    return;
  }
  if (action !== 'replay')
    throw new GatewayError('bad_argument', 'dead-letters is followed by list or replay.');
  const chosen = positions.map((text) => wholeNumber(text, 'A position'));
  const { moved, left } = await replayDeadLetters(data, chosen.length === 0 ? undefined : chosen);
  if (json === true) {
    stdout.write(`${JSON.stringify({ moved, left })}\n`);
    return;
  }
  stdout.write(`${String(moved)} put back into the outbox; a running gateway delivers them by itself\n`);
  if (left > 0)
    console.error(`${String(left)} stay: they are no samples. Mend the sender, or send them mended.`);
}

function line({ position, reason, sample }: DeadLetter): string {
  const facts = [String(position), new Date(sample.ts).toISOString(), identityOf(sample), reason];
  const text = textOf(sample);
  return [...facts, text.slice(0, 200)].map(printable).join('\t');
}

function textOf(sample: DeadLetter['sample']): string {
  if ('damaged' in sample) return sample.damaged;
  return 'refused' in sample ? `${sample.topic} ${sample.refused}` : JSON.stringify(sample.values);
}

function wholeNumber(text: string, what: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new GatewayError('bad_argument', `${what} is a whole number, not ${text}.`);
}
