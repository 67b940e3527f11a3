// `dead-letters`: what was refused for good, listed, and samples sent again once the reason is gone.
import { stderr, stdout } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { identityOf } from '../../../shared/sample.js';
import { readDeadLetters, replayDeadLetters, type DeadLetter } from '../../store/shell/dead-letters.js';
import { Progress } from '../../process/progress.js';
import type { DeadLettersAction, DeadLettersOptions } from './dead-letters-command.js';
import { columns } from '../print/columns.js';
import { lookOf } from '../print/paint.js';
import { printable } from '../print/printable.js';
import { wholeNumber } from '../typed/whole-number.js';

export async function deadLetters(
  action: DeadLettersAction,
  positions: readonly string[],
  { data, limit, json }: DeadLettersOptions,
): Promise<void> {
  if (action === 'list') {
    const letters = await readDeadLetters(data, positive(limit, '--limit'));
    const { paint, widthColumns } = lookOf(stdout);
    const lines =
      json === true
        ? letters.map((letter) => printable(JSON.stringify(letter)))
        : columns(letters.map(cellsOf), paint, widthColumns);
    for (const line of lines) stdout.write(`${line}\n`);
    if (letters.length === 0) console.error('There are no dead letters.');
    return;
  }
  const chosen = positions.map((text) => positive(text, 'A position'));
  const progress = new Progress(stderr);
  const { moved, left } = await replayDeadLetters(
    data,
    chosen.length === 0 ? undefined : chosen,
    progress,
  ).finally(() => {
    progress.end();
  });
  if (json === true) {
    stdout.write(`${JSON.stringify({ moved, left })}\n`);
    return;
  }
  stdout.write(`${String(moved)} put back into the outbox; a running gateway delivers them by itself\n`);
  if (left > 0)
    console.error(`${String(left)} stay: they are no samples. Mend the sender, or send them mended.`);
}

function cellsOf({ position, reason, sample }: DeadLetter): readonly string[] {
  const facts = [String(position), new Date(sample.ts).toISOString(), identityOf(sample), reason];
  return [...facts, textOf(sample).slice(0, 200)];
}

function textOf(sample: DeadLetter['sample']): string {
  if ('damaged' in sample) return sample.damaged;
  return 'refused' in sample ? `${sample.topic} ${sample.refused}` : JSON.stringify(sample.values);
}

function positive(text: string, what: string): number {
  const number = wholeNumber(text, what);
  if (number > 0) return number;
  throw new GatewayError('bad_argument', `${what} is 1 or more, not ${text}.`);
}
