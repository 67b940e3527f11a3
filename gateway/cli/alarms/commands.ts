// What can be typed after `alarms` and `acknowledge`.
import type { Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import type { AcknowledgeOptions } from './acknowledge.js';
import type { ListOptions } from './list.js';

export interface AlarmActions {
  alarms(device: string | undefined, options: ListOptions): Promise<void>;
  acknowledge(device: string, alarm: string, options: AcknowledgeOptions): Promise<void>;
}

export function addAlarmCommands(program: Command, actions: AlarmActions): void {
  program
    .command('alarms')
    .description('list the alarms and what they say, what is raised first')
    .argument('[device]', 'id of the device; all when absent')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'an array of {device, alarm, state, …}, each as its topic has it')
    .action((device: string | undefined, options: ListOptions) => actions.alarms(device, options));
  program
    .command('acknowledge')
    .description('say that you know of a raised alarm; exit code 1 when it is not raised')
    .argument('<device>', 'id of the device')
    .argument('<alarm>', 'id of the alarm, as alarms lists it')
    .option('--by <who>', 'who knows of it (shell)')
    .option('--note <text>', 'a word about it, for the others')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'as JSON: {device, alarm, isRaised, acknowledged}')
    .action((device: string, alarm: string, options: AcknowledgeOptions) =>
      actions.acknowledge(device, alarm, options),
    );
}
