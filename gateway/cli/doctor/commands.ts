// What can be typed after `doctor`.
import { type Command, Option } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';

export interface DoctorOptions {
  readonly config?: string;
  readonly simulate?: boolean;
  readonly data: string;
  readonly mqtt?: string;
  readonly json?: boolean;
}

export interface DoctorAction {
  doctor(options: DoctorOptions): Promise<void>;
}

export function addDoctorCommand(program: Command, actions: DoctorAction): void {
  program
    .command('doctor')
    .description(
      'look at this machine: bus, rights, clock, disk, ports, servers, users, certificates; exit code 1 when something fails',
    )
    .option('--config <file>', 'the YAML file; without it the built-in example, and the buses that are there')
    .option('--simulate', 'as start does it: no bus is needed')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .addOption(new Option('--mqtt <url>', 'the outside broker, where one is used').env('MQTT_URL'))
    .option('--json', 'an array of {check, state, found, advice}')
    .action((options: DoctorOptions) => actions.doctor(options));
}
