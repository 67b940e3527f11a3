// What the gateway tells of itself: where it is reached, and what it is.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Broker } from '../broker/broker.js';

/** Where the started gateway is reached. */
export interface Addresses {
  readonly mqtt: string;
  readonly page: string;
  readonly webSocket: string;
  /** The doors with TLS, where there are some. */
  readonly mqtts?: string;
  readonly https?: string;
}

/** `page` is the page's address. */
export function addressesOf(
  broker: Broker,
  page: string,
  secure: Pick<Addresses, 'mqtts' | 'https'>,
): Addresses {
  return { mqtt: broker.url, page, webSocket: `${page.replace(/^http/, 'ws')}mqtt`, ...secure };
}

export interface GatewayFacts {
  readonly config: GatewayConfig;
  readonly version: string;
  readonly boot: string;
  readonly simulate: boolean;
  readonly outsideBrokerUrl?: string | undefined;
  readonly store: string;
  /** Of MQTT; none while that is not known. */
  readonly versions: readonly string[];
}

/** The payload of the info topic. No secrets: no URL with credentials, and nothing of the environment. */
export function describeGateway(facts: GatewayFacts): Readonly<Record<string, unknown>> {
  const { config, version, boot, simulate, outsideBrokerUrl, store, versions } = facts;
  const buses = [...config.buses.values()].map(({ id, path, bitsPerSecond }) => [
    id,
    { path, bitsPerSecond },
  ]);
  return {
    version,
    node: process.version,
    boot,
    gateway: config.gateway,
    simulated: simulate,
    broker: outsideBrokerUrl === undefined ? 'embedded' : 'outside',
    mqtt: versions,
    buses: Object.fromEntries(buses),
    devices: [...config.devices.keys()],
    recorder: { store, keepMs: config.recorder.keepMs },
    // Paths on the HTTP server.
    schemas: { config: '/api/schema', openapi: '/api/openapi.json' },
  };
}
