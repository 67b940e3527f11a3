// `start`: the gateway until somebody ends it.
import { dirname } from 'node:path';
import { env, stdin, stdout } from 'node:process';
import { GatewayError } from '../../shared/errors.js';
import { loadConfig } from '../config/load.js';
import { busProblems, firmwareProblems } from '../config/outside-problems.js';
import { Gateway } from '../gateway.js';
import { createLogger } from '../logging/logger.js';
import { exampleConfig } from '../paths.js';
import { makeDataFolder } from '../store/data-folder.js';
import { SystemClock } from '../system-clock.js';
import { banner } from './banner.js';
import { handleSignals } from './signals.js';

export interface StartOptions {
  readonly config?: string;
  readonly simulate?: boolean;
  /** False with --no-i2c. */
  readonly i2c: boolean;
  readonly data: string;
  /** False with --no-broker. */
  readonly broker: boolean;
  readonly mqtt?: string;
}

/** Resolves when the gateway has ended; rejects with what stopped it. */
export async function start(options: StartOptions, version: string): Promise<void> {
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
  const config = await loadConfig(file, (found) =>
    simulate ? firmwareProblems(found, configFolder) : busProblems(found),
  );
  const clock = new SystemClock();
  await makeDataFolder(options.data);
  const { level, fileBytes, files } = config.log;
  const logger = await createLogger({
    level,
    clock,
    output: stdout,
    pretty: stdout.isTTY,
    colors: stdout.isTTY && env['NO_COLOR'] === undefined,
    file: { folder: `${options.data}/logs`, maxBytes: fileBytes, maxFiles: files },
  });
  const gateway = new Gateway({
    config,
    configFolder,
    dataDir: options.data,
    simulate,
    ...(options.mqtt === undefined ? {} : { outsideBrokerUrl: options.mqtt }),
    ...(env['MONGODB_URI'] === undefined ? {} : { mongodbUri: env['MONGODB_URI'] }),
    version,
    clock,
    logger,
  });
  // What had failed before the signal is still this process's error.
  const stopAll = async (): Promise<void> => {
    await gateway.stop();
    const error = await gateway.ended;
    logger.log.info({}, 'stopped');
    await logger.close();
    if (error !== undefined) throw error;
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  const isStopping = (): boolean => stopping !== undefined;
  // With a terminal SIGHUP means that it was closed; without one it is how services are told to read their files again.
  const reload = stdin.isTTY ? {} : { reload: (): Promise<void> => gateway.reload() };
  handleSignals({ log: logger.log, stop, ...reload });
  await gateway.start();
  // A signal during the start: by now nothing is there that could be told of.
  if (!isStopping()) stdout.write(banner(gateway.addresses, config, options.data));
  await gateway.ended;
  await stop();
}
