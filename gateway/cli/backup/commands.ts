// What can be typed after `backup` and `restore`.
import { type Command, Option } from 'commander';
import type { Part } from '../../backup/targets.js';
import { defaultDataFolder } from '../../process/paths.js';

const PARTS: readonly Part[] = ['config', 'data'];

export interface BackupOptions {
  readonly config?: string;
  readonly data: string;
  readonly json?: boolean;
}

const JSON_OPTION = ['--json', 'what was done as JSON, with all that is in the file'] as const;

export interface RestoreOptions extends BackupOptions {
  readonly only?: Part;
  readonly check?: boolean;
  readonly force?: boolean;
}

export interface BackupActions {
  backup(file: string, options: BackupOptions): Promise<void>;
  restore(file: string, options: RestoreOptions): Promise<void>;
}

export function addBackupCommands(program: Command, actions: BackupActions): void {
  program
    .command('backup')
    .description(
      'write configuration, users, certificates and data folder into one file, while the gateway runs or not',
    )
    .argument('<file>', 'a new file, such as greenhouse.tar.gz')
    .option('--config <file>', 'the YAML file; without it only the data folder')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option(...JSON_OPTION)
    .action((file: string, options: BackupOptions) => actions.backup(file, options));
  program
    .command('restore')
    .description('check such a file and put back what is in it, where no gateway runs')
    .argument('<file>', 'as backup has written it')
    .option(
      '--config <file>',
      'where the configuration goes; without it under its old name, into the present folder',
    )
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .addOption(new Option('--only <part>', 'put back one part alone: config or data').choices(PARTS))
    .option('--check', 'check it and say what is in it; nothing is written')
    .option('--force', 'move what is there already aside, under names with the date')
    .option(...JSON_OPTION)
    .action((file: string, options: RestoreOptions) => actions.restore(file, options));
}
