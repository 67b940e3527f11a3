// What can be typed, and what may stand in each place: read out of the program that parses it, as its help is.
import type { Argument, Command, Option } from 'commander';

/** What stands in a place: one of some words, a path, or a name that has to be asked for. */
export type Place =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'anything' }
  | {
      readonly kind: 'names';
      readonly of: 'devices' | 'commands' | 'arguments' | 'alarms' | 'buses' | 'users';
    };

export interface TypedOption {
  /** `--config` */
  readonly flag: string;
  readonly description: string;
  /** Absent where it takes no value. */
  readonly value?: Place;
}

export interface TypedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly TypedOption[];
  readonly places: readonly Place[];
  /** The last place is taken by all that follow. */
  readonly goesOn: boolean;
}

/** By the word in its brackets, which is the same wherever it means the same. */
const BY_WORD: Readonly<Record<string, Place>> = {
  file: { kind: 'file' },
  path: { kind: 'file' },
  dir: { kind: 'folder' },
  device: { kind: 'names', of: 'devices' },
  command: { kind: 'names', of: 'commands' },
  alarm: { kind: 'names', of: 'alarms' },
  args: { kind: 'names', of: 'arguments' },
  bus: { kind: 'names', of: 'buses' },
  user: { kind: 'names', of: 'users' },
  name: { kind: 'names', of: 'users' },
};
const HELP: TypedOption = { flag: '--help', description: 'what can be typed' };

export function commandsOf(program: Command): readonly TypedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...command.options.map(optionOf), HELP],
    places: command.registeredArguments.map(placeOf),
    goesOn: command.registeredArguments.at(-1)?.variadic === true,
  }));
}

function optionOf(option: Option): TypedOption {
  const { long, description, argChoices, required, optional } = option;
  const flag = long ?? option.flags;
  if (!required && !optional) return { flag, description };
  const [, word = ''] = /[<[]([a-z]+)/.exec(option.flags) ?? [];
  return { flag, description, value: place(word, argChoices) };
}

function placeOf(argument: Argument): Place {
  return place(argument.name(), argument.argChoices);
}

function place(word: string, choices: readonly string[] | undefined): Place {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return BY_WORD[word] ?? { kind: 'anything' };
}
