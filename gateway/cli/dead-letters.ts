// `dead-letters`: what the store refused for good, listed, and sent again once the reason is gone.
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { GatewayError } from '../../shared/errors.js';
import { identityOf } from '../../shared/sample.js';
import { defaultDataFolder } from '../paths.js';
import { readDeadLetters, replayDeadLetters, type DeadLetter } from '../store/dead-letters.js';

export interface DeadLettersOptions {
  readonly data: string;
  readonly limit: string;
}

export interface DeadLettersActions {
  deadLetters(action: string, positions: readonly string[], options: DeadLettersOptions): Promise<void>;
}

export function addDeadLettersCommand(program: Command, actions: DeadLettersActions): void {
  program
    .command('dead-letters')
    .description(
      'samples that MongoDB refused for good: list them, or replay them, all or those at the positions',
    )
    .argument('[action]', 'list or replay', 'list')
    .argument('[positions...]', 'as the list has them')
    .option('--limit <count>', 'list at most so many, the oldest', '1000')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .action((action: string, positions: readonly string[], options: DeadLettersOptions) =>
      actions.deadLetters(action, positions, options),
    );
}

export async function deadLetters(
  action: string,
  positions: readonly string[],
  { data, limit }: DeadLettersOptions,
): Promise<void> {
  if (action === 'list') {
    const letters = await readDeadLetters(data, wholeNumber(limit, '--limit'));
    for (const letter of letters) stdout.write(`${line(letter)}\n`);
    if (letters.length === 0) console.error('There are no dead letters.');
    return;
  }
  if (action !== 'replay')
    throw new GatewayError('bad_argument', 'dead-letters is followed by list or replay.');
  const chosen = positions.map((text) => wholeNumber(text, 'A position'));
  const moved = await replayDeadLetters(data, chosen.length === 0 ? undefined : chosen);
  stdout.write(`${String(moved)} put back into the outbox; a running gateway delivers them by itself\n`);
}

function line({ position, reason, sample }: DeadLetter): string {
  const { ts, values } = sample;
  const facts = [String(position), new Date(ts).toISOString(), identityOf(sample), reason];
  return [...facts, JSON.stringify(values).slice(0, 200)].join('\t');
}

function wholeNumber(text: string, what: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new GatewayError('bad_argument', `${what} is a whole number, not ${text}.`);
}
