// What can be typed after `init`.
import type { Command } from 'commander';

export interface InitOptions {
  readonly gateway?: string;
  readonly bus?: string;
  readonly device?: readonly string[];
  readonly host?: string;
  readonly mqttPort?: string;
  readonly httpPort?: string;
  readonly user?: string;
  readonly mongodb?: string;
  readonly data?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export interface InitAction {
  init(file: string, options: InitOptions): Promise<void>;
}

export function addInitCommand(program: Command, actions: InitAction): void {
  program
    .command('init')
    .description('write a first configuration, by these options or, at a terminal without any, by questions')
    .argument('[file]', 'a new file', 'gateway.yaml')
    .option('--gateway <id>', 'its place in all topics: iot/<id>/… (garden)')
    .option('--bus <path>', 'simulated, or a bus of this machine such as /dev/i2c-1 (simulated)')
    .option('--device <addresses...>', 'addresses that answer there: 0x20 0x21; scan finds them')
    .option('--host <host>', 'where it is reached; 0.0.0.0 is from everywhere, and needs --user (127.0.0.1)')
    .option('--mqtt-port <port>', 'port of the broker (1883)')
    .option('--http-port <port>', 'port of the page (8080)')
    .option('--user <name>', 'a first user, who may read and command; the password is typed or piped in')
    .option(
      '--mongodb <uri>',
      'where samples are kept, written into the file .env; without it in the data folder',
    )
    .option('--data <dir>', 'the data folder that the start shall be told (./data)')
    .option('--force', 'replace what is there')
    .option('--json', 'what was written as JSON, and what check says of it')
    .action((file: string, options: InitOptions) => actions.init(file, options));
}
