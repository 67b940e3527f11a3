// `start`: the gateway until somebody ends it.
import { dirname } from 'node:path';
import { env } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import type { Written } from '../../../bridge/reload/difference.js';
import { checkWritten, loadWritten, type OutsideCheck } from '../../config/load.js';
import { fileMark } from '../../reload/file-watch.js';
import { busProblems, doorProblems, firmwareProblems, secretProblems } from './outside-problems.js';
import { Gateway } from '../../gateway.js';
import { exampleConfig } from '../../process/paths.js';
import { outsideOpener } from '../../broker/open.js';
import { mongoPlace } from '../../store/choose-reading.js';
import { makeDataFolder } from '../../store/file/data-folder.js';
import { refuseHalfRestored } from '../../store/file/restore-mark.js';
import { SystemClock } from '../../process/system-clock.js';
import { banner } from './banner.js';
import { openLogger } from './open-logger.js';
import { runUntilEnded } from './until-ended.js';

export interface StartOptions {
  readonly config?: string;
  readonly simulate?: boolean;
  /** False with --no-i2c. */
  readonly i2c: boolean;
  readonly data: string;
  /** False with --no-broker. */
  readonly broker: boolean;
  readonly mqtt?: string;
  /** The one part to run, alone. */
  readonly only?: string;
}

/** Resolves when the gateway has ended; rejects with what stopped it. */
export async function start(options: StartOptions, version: string): Promise<void> {
  if (options.only === 'recorder') {
    const { startRecorder } = await import('./start-recorder.js');
    return startRecorder(options, version);
  }
  if (options.only !== undefined)
    throw new GatewayError('config_invalid', `--only takes recorder, not ${options.only.slice(0, 64)}.`);
  if (!options.broker && options.mqtt === undefined)
    throw new GatewayError('config_invalid', '--no-broker needs --mqtt URL, or MQTT_URL in the environment.');
  if (options.broker && options.mqtt !== undefined)
    throw new GatewayError(
      'config_invalid',
      '--mqtt URL (or MQTT_URL) needs --no-broker: there can be only one broker.',
    );
  const file = options.config ?? exampleConfig;
  const configFolder = dirname(file);
  const simulate = options.config === undefined || options.simulate === true || !options.i2c;
  const outside: readonly OutsideCheck[] = [
    (found) => (simulate ? firmwareProblems(found, configFolder) : busProblems(found)),
    (found) => doorProblems(found, configFolder),
    secretProblems,
  ];
  const read = (): Promise<Written> => loadWritten(file, ...outside);
  const check = (text: string): Promise<Written> => checkWritten(text, file, ...outside);
  // Before it is read: what changes meanwhile is news.
  const mark = await fileMark(file);
  const { config, settings } = await read();
  const clock = new SystemClock();
  await makeDataFolder(options.data);
  refuseHalfRestored(options.data);
  const logger = await openLogger(config.log, options.data, clock);
  const gateway = new Gateway({
    config,
    source: { file, mark, read, check, settings },
    configFolder,
    dataDir: options.data,
    simulate,
    outsideBrokerUrl: options.mqtt,
    openOutside: await outsideOpener(options.mqtt),
    mongo: await mongoPlace(env['MONGODB_URI']),
    version,
    clock,
    logger,
  });
  await runUntilEnded(gateway, {
    ...{ logger, clock },
    banner: () => banner(gateway.addresses, config, options.data),
  });
}
