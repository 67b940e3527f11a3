// Which broker: the embedded one, or somebody else's.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { Broker } from './broker.js';
import { EmbeddedBroker } from './embedded/broker.js';
import type { Doorkeeper } from './rights/doorkeeper.js';
import { BrokerJournal } from './journal/journal.js';
import type { KnownBoots } from './outside/rivals/known-boots.js';
import type { openOutside } from './outside/open.js';

export interface BrokerChoice {
  readonly config: GatewayConfig;
  readonly topics: Topics;
  /** Beside its own topics: where Home Assistant is told of the devices. */
  readonly told?: ReadonlySet<string>;
  readonly boots: KnownBoots;
  readonly version: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly doorkeeper: Doorkeeper;
  readonly outsideBrokerUrl?: string | undefined;
  readonly openOutside?: OpenOutside | undefined;
}

export type OpenOutside = typeof openOutside;

/** What `openBroker` needs for an outside broker, MQTT.js with it; undefined without an address. */
export async function outsideOpener(url: string | undefined): Promise<OpenOutside | undefined> {
  return url === undefined ? undefined : (await import('./outside/open.js')).openOutside;
}

/** Throws broker_unreachable where the outside broker's address can't be one. */
export function openBroker(choice: BrokerChoice): Broker {
  const { config, outsideBrokerUrl, openOutside } = choice;
  const { host, port } = config.mqtt;
  if (outsideBrokerUrl === undefined || openOutside === undefined)
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
