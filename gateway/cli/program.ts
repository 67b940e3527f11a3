// The command line: what can be typed. What each command does lies in a file of its own.
import { Argument, Command, Option } from 'commander';
import { nearest } from '../../shared/words/nearest.js';
import { DOCUMENTS, type DocumentName } from '../contract/documents.js';
import { defaultDataFolder } from '../process/paths.js';
import { addDeadLettersCommand, type DeadLettersActions } from './recorded/dead-letters-command.js';
import { addHistoryCommands, type HistoryActions } from './recorded/history-command.js';
import { addLogbookCommand, type LogbookAction } from './recorded/logbook-command.js';
import { addCompletionCommands, type CompletionActions } from './completion/commands.js';
import { addAlarmCommands, type AlarmActions } from './alarms/commands.js';
import { addBackupCommands, type BackupActions } from './backup/commands.js';
import { addDeviceCommands, type DeviceActions } from './devices/commands.js';
import { addDoctorCommand, type DoctorAction } from './doctor/commands.js';
import { addInitCommand, type InitAction } from './init/commands.js';
import { addTypesCommand, type TypesAction } from './library/commands.js';
import { addRawCommands, type RawActions } from './bus/commands.js';
import type { CheckOptions } from './run/check.js';
import { SERVICE_ACTIONS, type ServiceAction, type ServiceOptions } from './run/service-words.js';
import type { StartOptions } from './run/start.js';
import { HELP_LINE, isJsonWanted, printMistyped } from './print/failure.js';
import { addUsersCommands, type UsersActions } from './users/commands.js';

/** What the commands do; given from outside so that the words can be read without starting anything. */
export interface Actions
  extends
    UsersActions,
    RawActions,
    DeviceActions,
    AlarmActions,
    DeadLettersActions,
    HistoryActions,
    LogbookAction,
    BackupActions,
    DoctorAction,
    TypesAction,
    InitAction,
    CompletionActions {
  start(options: StartOptions): Promise<void>;
  check(options: CheckOptions): Promise<void>;
  schema(what: DocumentName): Promise<void>;
  service(action: ServiceAction, options: ServiceOptions): Promise<void>;
}

export function buildProgram(version: string, actions: Actions): Command {
  const program = new Command('i2c-mqtt-gateway')
    .description('Arduinos on an I²C bus, reached over MQTT and kept in MongoDB or in a local history.')
    .version(version)
    .showHelpAfterError(isJsonWanted() ? false : HELP_LINE)
    .configureOutput({ outputError: printMistyped });
  program
    .command('start', { isDefault: true })
    .description('run the gateway; without a configuration the built-in example with simulated Arduinos')
    .option('--config <file>', 'the YAML file that describes buses, types and devices')
    .option('--simulate', 'simulated Arduinos in place of the I²C buses')
    .addOption(new Option('--no-i2c', 'another name of --simulate'))
    .option('--data <dir>', 'folder for the outbox, the local history and the logs', defaultDataFolder)
    .option('--no-broker', 'use an outside MQTT broker; needs --mqtt')
    .addOption(
      new Option('--mqtt <url>', 'the outside broker, for example mqtt://broker.local:1883').env('MQTT_URL'),
    )
    .option('--only <part>', 'run one part alone: recorder, at the broker of --mqtt')
    // `start` is what is run without a word, so a word nobody knows would be told to be one too many for it.
    .allowExcessArguments()
    .action((options: StartOptions, { args: [word] }: Command) => {
      if (word !== undefined) program.error(`error: '${word}' is not a command${meant(program, word)}`);
      return actions.start(options);
    });
  program
    .command('check')
    .description(
      'check a configuration and the files it names; exit code 0 when it is sound, 1 with every mistake listed when not',
    )
    .option('--config <file>', 'the YAML file; without it the built-in example')
    .option(
      '--json',
      'as JSON: {file, sound, …}, and where it is not sound its mistakes {line, path, message}',
    )
    .action((options: CheckOptions) => actions.check(options));
  program
    .command('schema')
    .description(
      'print the JSON Schema of the configuration, for editors that complete and check YAML, or of all MQTT messages; or the OpenAPI document of the routes over HTTP, or the AsyncAPI document of the topics',
    )
    .addArgument(
      new Argument('[what]', 'config, messages, openapi or asyncapi').choices(DOCUMENTS).default('config'),
    )
    .action((what: DocumentName) => actions.schema(what));
  program
    .command('service')
    .description(
      'print the unit for systemd (ready, watched, started again, with no more rights than it needs), install it with a user and folders of its own and start it, or remove it again',
    )
    .addArgument(new Argument('<action>').choices(SERVICE_ACTIONS))
    .option(
      '--config <file>',
      'the YAML file that describes buses, types and devices',
      '/etc/i2c-mqtt-gateway/gateway.yaml',
    )
    .option('--user <name>', 'the user that it runs as', 'i2c-mqtt-gateway')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'as JSON: {action, unit} or {action, said}')
    .action((action: ServiceAction, options: ServiceOptions) => actions.service(action, options));
  addOthers(program, actions);
  if (!isJsonWanted()) showUsageAfterErrors(program);
  return program;
}

function addOthers(program: Command, actions: Actions): void {
  addTypesCommand(program, actions);
  addInitCommand(program, actions);
  addHistoryCommands(program, actions);
  addDeadLettersCommand(program, actions);
  addLogbookCommand(program, actions);
  addDeviceCommands(program, actions);
  addAlarmCommands(program, actions);
  addRawCommands(program, actions);
  addUsersCommands(program, actions);
  addBackupCommands(program, actions);
  addDoctorCommand(program, actions);
  addCompletionCommands(program, actions);
}

/** Whoever has left something out sees what belongs there. `start` is what is run without a word of its own. */
function showUsageAfterErrors(program: Command): void {
  for (const command of program.commands)
    if (command.name() !== 'start')
      command.showHelpAfterError(
        `(${program.name()} ${command.name()} ${command.usage()}; --help tells more)`,
      );
}

/** Runs what was typed. A first word that is no command is named before what stands behind it is. */
export async function runTyped(program: Command, words: readonly string[]): Promise<void> {
  const [word = '-'] = words;
  const isKnown = word.startsWith('-') || program.commands.some((command) => command.name() === word);
  if (!isKnown && word !== 'help') program.error(`error: '${word}' is not a command${meant(program, word)}`);
  await program.parseAsync(words, { from: 'user' });
}

function meant(program: Command, word: string): string {
  const name = nearest(
    word,
    program.commands.map((command) => command.name()),
  );
  return name === undefined ? '' : `. Did you mean ${name}?`;
}
