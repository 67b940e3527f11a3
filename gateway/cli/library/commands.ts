// What can be typed after `types`.
import type { Command } from 'commander';

export interface TypesAction {
  types(name: string | undefined): Promise<void>;
}

export function addTypesCommand(program: Command, actions: TypesAction): void {
  program
    .command('types [name]')
    .description(
      'list the chips that a type can use (types: { roof: { use: bme280 } }), or print the description of one, to be copied and changed',
    )
    .action((name: string | undefined) => actions.types(name));
}
