// `completion` and `names` as they are typed.
import { Argument, type Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import { commandsOf, type TypedCommand } from './table.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What there are names of; `commands` and `alarms` are those of one device, `arguments` those of one of its commands. */
export const NAMED = ['devices', 'commands', 'arguments', 'alarms', 'buses', 'users'] as const;
export type Named = (typeof NAMED)[number];

export interface NamesOptions {
  readonly config?: string;
  readonly data: string;
  readonly json?: boolean;
}

export interface CompletionActions {
  completion(shell: Shell, commands: readonly TypedCommand[]): Promise<void>;
  names(what: Named, of: readonly string[], options: NamesOptions): Promise<void>;
}

export function addCompletionCommands(program: Command, actions: CompletionActions): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, options, devices and their commands')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => actions.completion(shell, commandsOf(program)));
  program
    .command('names')
    .description(
      'print the names of devices, commands, arguments, alarms, buses or users, as completion asks for them',
    )
    .addArgument(new Argument('<what>', 'what they are names of').choices(NAMED))
    .argument('[of...]', 'commands and alarms: of which device; arguments: of which device and command')
    .option('--config <file>', 'of this YAML file; without it of the gateway that runs, or last ran')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'an array of {name, label?}')
    .action((what: Named, of: string[], options: NamesOptions) => actions.names(what, of, options));
}
