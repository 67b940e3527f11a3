// Which broker: the embedded one, or somebody else's.
import type { GatewayConfig } from '../../shared/config/config.js';
import { encodeJson, type StatusMessage } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from './broker.js';
import { EmbeddedBroker } from './embedded-broker.js';
import { OutsideBroker } from './outside-broker.js';

export interface BrokerChoice {
  readonly config: GatewayConfig;
  readonly topics: Topics;
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly outsideBrokerUrl?: string;
}

/** Throws broker_unreachable when the address of the outside broker cannot be one. */
export function openBroker({
  config,
  topics,
  boot,
  clock,
  log,
  outsideBrokerUrl: url,
}: BrokerChoice): Broker {
  if (url === undefined) {
    const { host, port } = config.mqtt;
    return new EmbeddedBroker({ host, port, topics, clock, log });
  }
  const say = (state: StatusMessage['state']): Uint8Array => {
    const message: StatusMessage = { state, boot, ts: clock.now() };
    return encodeJson(message);
  };
  const status = { topic: topics.status, online: () => say('online'), offline: () => say('offline') };
  // The broker keeps the session under this name: two gateways with the same topics would take it from each other.
  const clientId = `i2c-mqtt-gateway/${topics.root}`;
  return new OutsideBroker({ url, clientId, status, log, clock });
}
