// What can be typed after `set` and `watch`.
import type { Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import type { SetOptions } from './set.js';
import type { WatchOptions } from './watch.js';

export interface DeviceActions {
  set(device: string, command: string, args: readonly string[], options: SetOptions): Promise<void>;
  watch(device: string | undefined, options: WatchOptions): Promise<void>;
}

export function addDeviceCommands(program: Command, actions: DeviceActions): void {
  program
    .command('set')
    .description('send a device a command, and wait for its answer; exit code 0 when it is done')
    .argument('<device>', 'id of the device')
    .argument('<command>', 'one that its type has: dim')
    .argument(
      '[args...]',
      'in their order, 128, or by name, level=128; on and off, true and false are the same',
    )
    .option('--for <duration>', 'what it sets is made safe after so long: 5s')
    .option('--id <id>', 'an id of your own: the same one again gets the first answer')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'the answer as on its reply topic')
    .action((device: string, command: string, args: string[], options: SetOptions) =>
      actions.set(device, command, args, options),
    );
  program
    .command('watch')
    .description('show live values: a table on a terminal, elsewhere a line for each reading')
    .argument('[device]', 'id of the device; all when absent')
    .option('--once', 'what is known now, and no more')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'one JSON object a line: {device, availability, state}')
    .action((device: string | undefined, options: WatchOptions) => actions.watch(device, options));
}
