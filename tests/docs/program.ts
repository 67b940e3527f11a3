// The command line as it can be typed, without anything behind it.
import type { Command } from 'commander';
import { buildProgram } from '../../gateway/cli/program.js';

export function program(): Command {
  const nothing = (): Promise<void> => Promise.resolve();
  const actions = {
    ...{ start: nothing, check: nothing, schema: nothing, history: nothing, exportAll: nothing },
    ...{ logbook: nothing, deadLetters: nothing, service: nothing },
    ...{ backup: nothing, restore: nothing, doctor: nothing, init: nothing },
    ...{ scan: nothing, read: nothing, write: nothing, trace: nothing },
    ...{ alarms: nothing, acknowledge: nothing },
    ...{ set: nothing, watch: nothing, types: nothing, completion: nothing, names: nothing },
  };
  return buildProgram('0.0.0', { ...actions, passwd: nothing, user: nothing, token: nothing });
}

export function commandsBelow(parent: Command): Command[] {
  return parent.commands.flatMap((command) => [command, ...commandsBelow(command)]);
}
