// `dead-letters` as it is typed.
import { Argument, type Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';

const DEAD_LETTER_ACTIONS = ['list', 'replay'] as const;
export type DeadLettersAction = (typeof DEAD_LETTER_ACTIONS)[number];

export interface DeadLettersOptions {
  readonly data: string;
  readonly limit: string;
  readonly json?: boolean;
}

export interface DeadLettersActions {
  deadLetters(
    action: DeadLettersAction,
    positions: readonly string[],
    options: DeadLettersOptions,
  ): Promise<void>;
}

export function addDeadLettersCommand(program: Command, actions: DeadLettersActions): void {
  program
    .command('dead-letters')
    .description(
      'what no store took: list it, or replay the samples that MongoDB refused, all or those at the positions',
    )
    .addArgument(new Argument('[action]', 'list or replay').choices(DEAD_LETTER_ACTIONS).default('list'))
    .argument('[positions...]', 'as the list has them')
    .option('--limit <count>', 'list at most so many, the oldest', '1000')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'one JSON object a line, and of a replay {moved, left}')
    .action((action: DeadLettersAction, positions: readonly string[], options: DeadLettersOptions) =>
      actions.deadLetters(action, positions, options),
    );
}
