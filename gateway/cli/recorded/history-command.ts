// What can be typed after `history` and `export`.
import { type Command, Option } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import type { ExportOptions } from './export.js';
import { EXPORT_FORMATS, HISTORY_FORMATS } from './formats.js';
import type { HistoryOptions } from './history.js';

export interface HistoryActions {
  history(device: string, options: HistoryOptions): Promise<void>;
  exportAll(device: string, options: ExportOptions): Promise<void>;
}

export function addHistoryCommands(program: Command, actions: HistoryActions): void {
  ranged(program, 'history', 'print what was recorded of a device')
    .option('--limit <count>', 'at most so many samples, the newest', '1000')
    .option('--points <count>', 'in place of samples: min, average and max of so many stretches of time')
    .addOption(
      new Option('--format <format>', 'table, csv or jsonl').choices(HISTORY_FORMATS).default('table'),
    )
    .option('--json', 'short for --format jsonl')
    .action((device: string, options: HistoryOptions) => actions.history(device, options));
  ranged(program, 'export', 'write out everything that was recorded of a device, oldest first')
    .addOption(new Option('--format <format>', 'csv or jsonl').choices(EXPORT_FORMATS).default('jsonl'))
    .option('--output <file>', 'a new file in place of the standard output')
    .option('--json', 'what was written as JSON, with --output: {device, file, format, lines}')
    .action((device: string, options: ExportOptions) => actions.exportAll(device, options));
}

function ranged(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<device>', 'id of the device')
    .option(
      '--last <duration>',
      `how far back: 10m, 2h, 7d${name === 'history' ? ' (1h)' : '; without it all'}`,
    )
    .option('--from <time>', 'the first moment: 2026-11-22 (local time), 2026-11-22T23:14:05Z or epoch ms')
    .option('--to <time>', 'the first moment that is left out')
    .option('--gateway <id>', 'only what this gateway measured, where several are recorded')
    .option('--fields <names>', 'only these: level,light')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder);
}
