// Commands and options, from the program that parses them.
import type { Command, Option } from 'commander';
import { commandsBelow, program } from '../program.js';
import { code, table } from './markdown.js';

export function shellCommandTable(): string {
  const rows = commandsBelow(program()).map((command) => [
    code(`i2c-mqtt-gateway ${[command.name(), ...command.registeredArguments.map(written)].join(' ')}`),
    command.description(),
  ]);
  return table(['command', ''], rows);
}

/** An option that several commands have with the same words is one row. */
export function shellOptionTable(): string {
  const rows = new Map<string, { option: Option; of: string[] }>();
  for (const command of commandsBelow(program())) {
    for (const option of command.options) {
      const key = [option.flags, option.description, String(option.defaultValue)].join('\n');
      const row = rows.get(key) ?? { option, of: [] };
      row.of.push(command.name());
      rows.set(key, row);
    }
  }
  return table(
    ['option', 'of', '', 'default'],
    [...rows.values()].map(({ option, of }) => [
      code(option.flags),
      of.join(', '),
      option.envVar === undefined ? option.description : `${option.description}; or ${code(option.envVar)}`,
      defaultOf(option),
    ]),
  );
}

function written(argument: Command['registeredArguments'][number]): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

function defaultOf({ defaultValue }: Option): string {
  return typeof defaultValue === 'string' ? code(defaultValue) : '';
}
