// Which broker: the embedded one, or somebody else's.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from './broker.js';
import { EmbeddedBroker } from './embedded-broker.js';

export interface BrokerChoice {
  readonly config: GatewayConfig;
  readonly topics: Topics;
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly outsideBrokerUrl?: string;
}

export function openBroker({ config, topics, clock, log }: BrokerChoice): Broker {
  const { host, port } = config.mqtt;
  return new EmbeddedBroker({ host, port, topics, clock, log });
}
