// `dead-letters` as it is typed.
import type { Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';

export interface DeadLettersOptions {
  readonly data: string;
  readonly limit: string;
  readonly json?: boolean;
}

export interface DeadLettersActions {
  deadLetters(action: string, positions: readonly string[], options: DeadLettersOptions): Promise<void>;
}

export function addDeadLettersCommand(program: Command, actions: DeadLettersActions): void {
  program
    .command('dead-letters')
    .description(
      'what no store took: list it, or replay the samples that MongoDB refused, all or those at the positions',
    )
    .argument('[action]', 'list or replay', 'list')
    .argument('[positions...]', 'as the list has them')
    .option('--limit <count>', 'list at most so many, the oldest', '1000')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'one JSON object a line, and of a replay {moved, left}')
    .action((action: string, positions: readonly string[], options: DeadLettersOptions) =>
      actions.deadLetters(action, positions, options),
    );
}
