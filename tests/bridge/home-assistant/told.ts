// A configuration, and what Home Assistant is told of it.
import assert from 'node:assert/strict';
import { deviceMessage, type Site } from '../../../bridge/home-assistant/device.js';
import { gatewayMessage } from '../../../bridge/home-assistant/gateway-device.js';
import type { DiscoveryMessage } from '../../../bridge/home-assistant/payload.js';
import { checkConfig } from '../../../shared/config/check.js';
import type { GatewayConfig } from '../../../shared/config/config.js';
import type { Device } from '../../../shared/device-type.js';
import { Topics } from '../../../shared/topics.js';

export function configOf(raw: unknown): GatewayConfig {
  const checked = checkConfig(raw);
  assert.ok(checked.ok, JSON.stringify(checked));
  return checked.config;
}

export function deviceOf({ devices }: GatewayConfig, id: string): Device {
  const device = devices.get(id);
  assert.ok(device !== undefined);
  return device;
}

export function siteOf({ gateway }: GatewayConfig): Site {
  return { gateway, version: '1.2.3', prefix: 'homeassistant', topics: new Topics('iot', gateway) };
}

export function told(config: GatewayConfig): DiscoveryMessage[] {
  const site = siteOf(config);
  return [
    gatewayMessage(site, []),
    ...[...config.devices.values()].map((device) => deviceMessage(device, site, [])),
  ];
}

export type Plain = Readonly<Record<string, unknown>>;

/** The components of one device, as Home Assistant reads them. */
export function componentsOf(config: GatewayConfig, device: string): Readonly<Record<string, Plain>> {
  const message = told(config).find(({ topic }) => topic.endsWith(`/${device}/config`));
  const { components } = JSON.parse(JSON.stringify(message?.payload)) as {
    components: Record<string, Plain>;
  };
  return components;
}
