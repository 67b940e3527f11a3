// Who keeps at the broker only what is so.
import { gatewayRetained } from '../../bridge/messages/retained-topics.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from '../broker/broker.js';
import type { KnownBoots } from '../broker/outside/rivals/known-boots.js';
import { parseBrokerUrl } from '../broker/outside/link/broker-url.js';
import { toldToHome } from './home-assistant.js';
import { RetainedLedger } from '../left-behind/ledger.js';

export interface RetainedSources {
  readonly config: GatewayConfig;
  readonly version: string;
  readonly dataDir: string;
  readonly outsideBrokerUrl?: string | undefined;
  readonly topics: Topics;
  readonly boots: KnownBoots;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

export function buildRetained(sources: RetainedSources): RetainedLedger {
  const { config, topics, broker, outsideBrokerUrl: url, log } = sources;
  return new RetainedLedger({
    ...sources,
    bus: broker.bus,
    log: log.child({ part: 'retained topics' }),
    // First of them: who is no longer told of a device must not look at what else goes.
    expected: () => [...toldToHome(sources), ...gatewayRetained(topics, config, config.mqtt.values)],
    devices: () => config.devices.keys(),
    formerIds: () => formerIdsOf(config.devices),
    ...(url === undefined ? {} : { url: parseBrokerUrl(url) }),
  });
}

function formerIdsOf(devices: GatewayConfig['devices']): Record<string, string> {
  return Object.fromEntries([...devices].flatMap(([id, { was }]) => (was === undefined ? [] : [[id, was]])));
}
