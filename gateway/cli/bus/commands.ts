// The commands for who looks for a fault on the bus, as they are typed.
import { type Command, Option } from 'commander';
import { defaultDataFolder } from '../../process/paths.js';
import type { ReadOptions, ScanOptions, TraceOptions, WriteOptions } from './raw.js';

export interface RawActions {
  scan(options: ScanOptions): Promise<void>;
  read(target: string, count: string, options: ReadOptions): Promise<void>;
  write(target: string, bytes: readonly string[], options: WriteOptions): Promise<void>;
  trace(device: string | undefined, options: TraceOptions): Promise<void>;
}

const TARGET = 'id of a device, or an address: 0x08';

export function addRawCommands(program: Command, actions: RawActions): void {
  withBus(program.command('scan'))
    .description('tell which addresses of a bus acknowledge')
    .addOption(
      new Option('--probe <how>', 'quick (address only) or read (a byte, which calls onRequest on Arduinos)')
        .choices(['quick', 'read'])
        .default('quick'),
    )
    .addHelpText('after', SCAN_HELP)
    .action((options: ScanOptions) => actions.scan(options));
  withBus(program.command('read'))
    .description('read raw bytes from a device')
    .argument('<device>', TARGET)
    .argument('<count>', 'how many bytes, up to 32')
    .option('--write <bytes>', 'written before, as hex: "10 FF"; it may be a command to the device')
    .option('--repeated-start', 'no STOP between write and read')
    .option('--delay <ms>', 'pause between write and read')
    .action((target: string, count: string, options: ReadOptions) => actions.read(target, count, options));
  withBus(program.command('write'))
    .description('write raw bytes to a device, past every limit and check of its type')
    .argument('<device>', TARGET)
    .argument('<bytes...>', 'as hex: 20 FF')
    .option('--yes', 'without it nothing is written')
    .action((target: string, bytes: string[], options: WriteOptions) =>
      actions.write(target, bytes, options),
    );
  program
    .command('trace')
    .description('print the last transactions of a running gateway, as hex with what they mean')
    .argument('[device]', 'id of a device; all when absent')
    .option('--last <count>', 'of each device, up to 100', '20')
    .option('--data <dir>', 'the data folder of the gateway', defaultDataFolder)
    .option('--json', 'as JSON')
    .action((device: string | undefined, options: TraceOptions) => actions.trace(device, options));
}

function withBus(command: Command): Command {
  return command
    .option('--bus <bus>', 'id of a bus, or its path: /dev/i2c-1')
    .option('--data <dir>', 'the data folder of the gateway that may run', defaultDataFolder)
    .option('--config <file>', 'where no gateway runs: the YAML file with its buses')
    .option('--simulate', 'where no gateway runs: simulated Arduinos')
    .option('--json', 'as JSON');
}

const SCAN_HELP = `
It asks 0x04 to 0x77 by SMBus Quick Write: the address with the write bit and a STOP, no byte. An Arduino's onRequest
is not called; its onReceive is, with 0 bytes. Very few chips take even that for a command (the EEPROM AT24RF08).
Where the adapter cannot do it, scan says so and stops. --probe read then reads a byte from every address: that calls
onRequest on every Arduino, and takes the byte from whoever has one to give.`;
