// Which broker: the embedded one, or somebody else's.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from './broker.js';
import { EmbeddedBroker } from './embedded-broker.js';
import type { Doorkeeper } from './rights/doorkeeper.js';
import { BrokerJournal } from './journal/broker-journal.js';
import { openOutside } from './open-outside.js';

export interface BrokerChoice {
  readonly config: GatewayConfig;
  readonly topics: Topics;
  readonly boot: string;
  readonly version: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly doorkeeper: Doorkeeper;
  readonly outsideBrokerUrl?: string;
}

/** Throws broker_unreachable where the outside broker's address can't be one. */
export function openBroker(choice: BrokerChoice): Broker {
  const { config, outsideBrokerUrl } = choice;
  const { host, port } = config.mqtt;
  if (outsideBrokerUrl === undefined)
    return new EmbeddedBroker({
      ...choice,
      host,
      port,
      limits: config.limits,
      sysIntervalMs: config.mqtt.sysIntervalMs,
      journal: new BrokerJournal(choice),
    });
  const clientId = `i2c-mqtt-gateway-${config.mqtt.base}-${config.gateway}`;
  return openOutside(outsideBrokerUrl, clientId, choice);
}
