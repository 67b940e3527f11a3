// `completion`: the script of a shell, out of the table of what can be typed.
import { stdout } from 'node:process';
import { bashScript } from './bash.js';
import type { Shell } from './commands.js';
import { fishScript } from './fish.js';
import type { TypedCommand } from './table.js';
import { zshScript } from './zsh.js';

const SCRIPTS: Readonly<Record<Shell, (commands: readonly TypedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completion(shell: Shell, commands: readonly TypedCommand[]): Promise<void> {
  stdout.write(SCRIPTS[shell](commands));
  return Promise.resolve();
}
