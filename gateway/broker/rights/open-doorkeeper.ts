// The doorkeeper of a configuration.
import { resolve } from 'node:path';
import type { GatewayConfig } from '../../../shared/config/config.js';
import type { Clock, Log } from '../../../shared/ports.js';
import { Doorkeeper } from './doorkeeper.js';

export interface DoorkeeperChoice {
  readonly config: GatewayConfig;
  readonly configFolder: string;
  readonly clock: Clock;
  readonly log: Log;
}

export function openDoorkeeper({ config, configFolder, clock, log }: DoorkeeperChoice): Doorkeeper {
  const { users } = config;
  if (users === undefined) return new Doorkeeper({ anonymous: true, clock, log });
  const { passwordFile, aclFile, tokenFile, anonymous } = users;
  return new Doorkeeper({
    passwordFile: resolve(configFolder, passwordFile),
    ...(aclFile === undefined ? {} : { aclFile: resolve(configFolder, aclFile) }),
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(configFolder, tokenFile) }),
    ...{ anonymous, clock, log },
  });
}
