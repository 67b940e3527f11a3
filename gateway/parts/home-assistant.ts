// Who tells Home Assistant of the devices, and what it has been told of and is no longer there.
import { deviceMessage, describeForHome, type Site } from '../../bridge/home-assistant/device.js';
import { gatewayComponents, gatewayMessage } from '../../bridge/home-assistant/gateway-device.js';
import { discoveryTopic, firstIdOf, type Owner } from '../../bridge/home-assistant/names.js';
import type { DiscoveryMessage } from '../../bridge/home-assistant/payload.js';
import { removalMessage } from '../../bridge/home-assistant/removal.js';
import { DiscoveryPublisher } from '../../bridge/home-assistant/publisher.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { RetainedTopic } from '../../bridge/messages/retained-topics.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import type { Clock, Log, MessageBus } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';

interface Told {
  readonly config: GatewayConfig;
  readonly version: string;
  readonly topics: Topics;
}

/** Undefined where it is not told. */
function siteOf({ config, version, topics }: Told): Site | undefined {
  const prefix = config.homeAssistant?.discoveryPrefix;
  return prefix === undefined ? undefined : { gateway: config.gateway, version, prefix, topics };
}

/** Brings `topics` up to date: where it is told of the devices of now. */
export function followHome(topics: Set<string>, told: Told): void {
  topics.clear();
  for (const { topic } of toldToHome(told)) topics.add(topic);
}

/** Which topics are retained for it, with the components of each. */
export function toldToHome(told: Told): readonly RetainedTopic[] {
  const site = siteOf(told);
  if (site === undefined) return [];
  const { gateway, prefix } = site;
  const devices = [...told.config.devices.values()].map((device) => ({
    topic: discoveryTopic(prefix, { gateway, device: firstIdOf(device) }),
    ...{ shape: '', parts: [...describeForHome(device, site).components.keys()] },
  }));
  const own = { topic: discoveryTopic(prefix, { gateway }), shape: '' };
  return [{ ...own, parts: [...gatewayComponents(site).keys()] }, ...devices];
}

export interface HomeAssistantSources extends Told {
  readonly outlet: Outlet;
  readonly messages: MessageBus;
  readonly clock: Clock;
  readonly log: Log;
  /** Topic → components that an earlier run told there and this one does not. Known once that has started. */
  readonly gone: () => ReadonlyMap<string, readonly string[]>;
}

/** It has something to say where Home Assistant is told of devices, or was by an earlier run. */
export function buildHomeAssistant(sources: HomeAssistantSources): DiscoveryPublisher {
  const { config, version, messages: bus } = sources;
  const site = siteOf(sources);
  const log = sources.log.child({ part: 'home assistant' });
  return new DiscoveryPublisher({
    ...{ ...sources, bus, log },
    tell: () => {
      const gone = sources.gone();
      const messages = site === undefined ? [] : messagesOf(site, [...config.devices.values()], gone, log);
      const told = new Set(messages.map(({ topic }) => topic));
      const left = [...gone].filter(([topic]) => !told.has(topic));
      return { messages, removals: left.map(([topic, parts]) => removalMessage(topic, parts, version)) };
    },
  });
}

function messagesOf(
  site: Site,
  devices: readonly Device[],
  gone: ReadonlyMap<string, readonly string[]>,
  log: Log,
): DiscoveryMessage[] {
  const { gateway, prefix } = site;
  const goneOf = (owner: Owner): readonly string[] => gone.get(discoveryTopic(prefix, owner)) ?? [];
  return [
    gatewayMessage(site, goneOf({ gateway })),
    ...devices.map((device) => {
      const described = describeForHome(device, site);
      sayLeftOut(device.id, described.leftOut, log);
      return deviceMessage(device, site, goneOf({ gateway, device: firstIdOf(device) }), described);
    }),
  ];
}

function sayLeftOut(device: string, leftOut: readonly string[], log: Log): void {
  if (leftOut.length === 0) return;
  const sentence = 'commands of several arguments, and what is too much, are not told to Home Assistant';
  log.info({ device, leftOut: leftOut.slice(0, 20), count: leftOut.length }, sentence);
}
