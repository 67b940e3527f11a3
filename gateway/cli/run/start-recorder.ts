// `start --only recorder`: a recorder alone, at an outside broker.
import { env } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { Topics } from '../../../shared/topics.js';
import { loadRecorderConfig } from '../../config/load.js';
import { RecorderAlone } from '../../parts/recorder-alone.js';
import { mongoPlace } from '../../store/choose-reading.js';
import { makeDataFolder } from '../../store/file/data-folder.js';
import { refuseHalfRestored } from '../../store/file/restore-mark.js';
import { recorderId } from '../../store/file/recorder-id.js';
import { SystemClock } from '../../process/system-clock.js';
import { openLogger } from './open-logger.js';
import { runUntilEnded } from './until-ended.js';

export interface StartRecorderOptions {
  readonly config?: string;
  readonly data: string;
  readonly mqtt?: string;
}

/** Resolves when it has ended; rejects with what stopped it. */
export async function startRecorder(options: StartRecorderOptions, version: string): Promise<void> {
  const { mqtt: outsideBrokerUrl, data: dataDir } = options;
  if (outsideBrokerUrl === undefined)
    throw new GatewayError(
      'config_invalid',
      '--only recorder needs --mqtt URL, or MQTT_URL in the environment: it has no broker of its own.',
    );
  const config = await loadRecorderConfig(options.config);
  await makeDataFolder(dataDir);
  refuseHalfRestored(dataDir);
  const id = await recorderId(dataDir);
  const { name = `recorder-${id}`, gateways } = config.recorder;
  // Its status would take the place of the gateway's.
  if (config.devices.size > 0 && name === config.gateway)
    throw new GatewayError('config_invalid', `recorder.name must not be ${name}: that is the gateway's.`);
  const { base } = config.mqtt;
  const clock = new SystemClock();
  const logger = await openLogger(config.log, dataDir, clock);
  const recorder = new RecorderAlone({
    ...{ config, name, version, dataDir, outsideBrokerUrl, clock, logger },
    // Of the folder, not of the name: two that share one configuration would end each other's sessions for ever.
    clientId: `i2c-mqtt-gateway-${base}-recorder-${id}`,
    mongo: await mongoPlace(env['MONGODB_URI']),
  });
  const whose = gateways === undefined ? 'every gateway' : gateways.join(', ');
  await runUntilEnded(recorder, { logger, clock, banner: () => banner(name, whose, base) });
}

function banner(name: string, whose: string, base: string): string {
  const topics = new Topics(base, name);
  return `\n  ${name} records ${whose} below ${base}/\n    health     ${topics.health}\n\n`;
}
