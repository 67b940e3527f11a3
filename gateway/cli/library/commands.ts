// What can be typed after `types`.
import type { Command } from 'commander';

export interface TypesOptions {
  readonly json?: boolean;
}

export interface TypesAction {
  types(name: string | undefined, options: TypesOptions): Promise<void>;
}

export function addTypesCommand(program: Command, actions: TypesAction): void {
  program
    .command('types [name]')
    .description(
      'list the chips that a type can use (types: { roof: { use: bme280 } }), or print the description of one, to be copied and changed',
    )
    .option('--json', 'an array of {name, label}, or the description as JSON')
    .action((name: string | undefined, options: TypesOptions) => actions.types(name, options));
}
