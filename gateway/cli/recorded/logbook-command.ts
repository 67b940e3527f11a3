// What can be typed after `logbook`.
import type { Command } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import type { LogbookOptions } from './logbook.js';

export interface LogbookAction {
  logbook(device: string | undefined, options: LogbookOptions): Promise<void>;
}

export function addLogbookCommand(program: Command, actions: LogbookAction): void {
  program
    .command('logbook')
    .description('print who sent which command, and what happened')
    .argument('[device]', 'id of the device; without it everything')
    .option('--last <duration>', 'how far back: 10m, 12h, 7d (1d)')
    .option('--from <time>', 'the first moment: 2026-11-22 (local time), 2026-11-22T23:14:05Z or epoch ms')
    .option('--to <time>', 'the first moment that is left out')
    .option('--limit <count>', 'at most so many entries, the newest', '1000')
    .option('--commands', 'only commands')
    .option('--events', 'only events')
    .option('--json', 'one JSON object a line')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .action((device: string | undefined, options: LogbookOptions) => actions.logbook(device, options));
}
