// A device as Home Assistant is told of it: an entity for each field and for each command, and what the bus knows of it.
import type { CommandSpec, Device } from '../../shared/device-type.js';
import { REPLY_STATUSES } from '../../shared/messages.js';
import type { Topics } from '../../shared/topics.js';
import { alarmComponent } from './alarms.js';
import { commandComponent } from './commands.js';
import { fieldComponent } from './fields.js';
import {
  deviceAvailability,
  discoveryTopic,
  firstIdOf,
  gatewayAvailability,
  identifierOf,
  identityOf,
  keyOf,
  MAKER,
  type Named,
  type Owner,
} from './names.js';
import type {
  AvailabilityPlace,
  Component,
  Components,
  DiscoveryMessage,
  DiscoveryPayload,
} from './payload.js';
import { withRemovals } from './removal.js';

/** Of one device. A message of so many has a few hundred kilobytes; Home Assistant sets each of them up by itself. */
export const MOST_COMPONENTS = 400;

/** Who tells, and where. */
export interface Site {
  readonly gateway: string;
  readonly version: string;
  readonly prefix: string;
  readonly topics: Topics;
}

export interface Described {
  readonly components: Components;
  /** Commands that no entity can give, and components beyond the bound. */
  readonly leftOut: readonly string[];
}

export function describeForHome(device: Device, { gateway, topics }: Site): Described {
  const { id, type, alarms = [] } = device;
  const owner = { gateway, device: firstIdOf(device) };
  const stateTopic = topics.state(id);
  const commands = [...type.commands.values()].map((spec) => {
    const commandTopic = topics.command(id, spec.id);
    return { spec, made: commandComponent(spec, type, { owner, stateTopic, commandTopic }) };
  });
  const all = [
    availabilityOf(owner, id, topics),
    ...alarms.map((alarm) => alarmComponent(alarm, owner, topics.alarm(id, alarm.id), heard(topics))),
    ...commands.flatMap(({ made }) => (made === undefined ? [] : [made])),
    ...type.samples.flatMap((sample) =>
      sample.fields.map((field) => fieldComponent(field, sample, { owner, stateTopic })),
    ),
    ...commands.flatMap(({ spec, made }) =>
      made === undefined ? [] : [replyOf(owner, spec, topics.reply(id, spec.id))],
    ),
  ];
  return {
    components: new Map(all.slice(0, MOST_COMPONENTS)),
    leftOut: [
      ...commands.flatMap(({ spec, made }) => (made === undefined ? [spec.id] : [])),
      ...all.slice(MOST_COMPONENTS).map(([key]) => key),
    ],
  };
}

/** `gone`: keys of what was told once and is no longer there. */
export function deviceMessage(
  device: Device,
  site: Site,
  gone: readonly string[],
  { components } = describeForHome(device, site),
): DiscoveryMessage {
  const { gateway, topics, prefix } = site;
  const owner = { gateway, device: firstIdOf(device) };
  return {
    topic: discoveryTopic(prefix, owner),
    payload: {
      device: {
        identifiers: [identifierOf(owner)],
        name: device.label ?? device.type.label ?? device.id,
        ...{ manufacturer: MAKER, model: device.type.id, via_device: identifierOf({ gateway }) },
        ...(device.area === undefined ? {} : { suggested_area: device.area }),
      },
      ...told(site),
      availability: [...heard(topics), deviceAvailability(topics.availability(device.id))],
      availability_mode: 'all',
      components: withRemovals(components, gone),
    },
  };
}

export function told({ version }: Site): Pick<DiscoveryPayload, 'origin' | 'qos'> {
  return { origin: { name: MAKER, sw_version: version }, qos: 1 };
}

export function heard(topics: Topics): AvailabilityPlace[] {
  return [gatewayAvailability(topics.status)];
}

/** It tells more than whether it is there, and so is there while the gateway is. */
function availabilityOf(owner: Owner, device: string, topics: Topics): readonly [string, Component] {
  const named: Named = { platform: 'sensor', id: 'availability', label: 'On the bus' };
  const topic = topics.availability(device);
  const component: Component = {
    ...{ platform: 'sensor', ...identityOf(owner, named), entity_category: 'diagnostic' },
    ...{ state_topic: topic, value_template: '{{ value_json.state if value_json is defined }}' },
    ...{ json_attributes_topic: topic, availability: heard(topics) },
    ...{ device_class: 'enum', options: ['online', 'degraded', 'offline'] },
  };
  return [keyOf(named), component];
}

/** How its last command ended; the error, where there was one, is an attribute. */
function replyOf(owner: Owner, spec: CommandSpec, topic: string): readonly [string, Component] {
  const named: Named = { ...spec, platform: 'sensor', origin: 'reply' };
  const identity = identityOf(owner, named);
  const component: Component = {
    ...{ platform: 'sensor', ...identity, name: `${identity.name}, last answer` },
    ...{ entity_category: 'diagnostic', state_topic: topic, value_template: '{{ value_json.status }}' },
    ...{ json_attributes_topic: topic, device_class: 'enum', options: REPLY_STATUSES },
  };
  return [keyOf(named), component];
}
