// The gateway itself as a device of Home Assistant: whether it is there, how its devices, buses, store and outputs do, and what
// happens. Numbers are those of its health topic.
import type { Topics } from '../../shared/topics.js';
import { heard, told, type Site } from './device.js';
import { EVENT_TYPES } from './event-types.js';
import { discoveryTopic, identifierOf, identityOf, keyOf, MAKER, type Named, type Owner } from './names.js';
import type {
  BinarySensorComponent,
  Component,
  Components,
  DiscoveryMessage,
  SensorComponent,
} from './payload.js';
import { withRemovals } from './removal.js';
import { ofMember } from './templates.js';

type Line = readonly [id: string, label: string, template: string];

/** ON is a problem. */
const PROBLEMS: readonly (readonly [...Line, of: 'problem' | 'safety'])[] = [
  [
    'devices_offline',
    'Devices away',
    ofMember(['devices', 'offline'], "'ON' if v > 0 else 'OFF'"),
    'problem',
  ],
  ['buses_down', 'Buses down', ofMember(['buses', 'down'], "'ON' if v > 0 else 'OFF'"), 'problem'],
  [
    'buses_overloaded',
    'Buses overloaded',
    ofMember(['buses', 'overloaded'], "'ON' if v > 0 else 'OFF'"),
    'problem',
  ],
  ['outputs_left_on', 'Outputs left on', ofMember(['outputs', 'leftOn'], "'ON' if v else 'OFF'"), 'safety'],
  [
    'store',
    'Store',
    ofMember(['store', 'state'], "'ON' if v not in ['ok', 'unknown'] else 'OFF'"),
    'problem',
  ],
  ['alarms', 'Alarms', ofMember(['alarms', 'raised'], "'ON' if v > 0 else 'OFF'"), 'problem'],
  [
    'webhooks',
    'Webhooks',
    ofMember(
      ['alarms', 'webhooks'],
      "'ON' if v.values() | selectattr('state', 'eq', 'failing') | list else 'OFF'",
    ),
    'problem',
  ],
  ['parts', 'Parts', ofMember(['parts'], "'ON' if v.running < v.total else 'OFF'"), 'problem'],
];

const NUMBERS: readonly (readonly [...Line, more: Partial<SensorComponent>])[] = [
  ['devices_online', 'Devices online', ofMember(['devices', 'online']), {}],
  ['waiting_samples', 'Samples that wait', ofMember(['outbox', 'depth']), {}],
  [
    'memory',
    'Memory',
    ofMember(['memory', 'rssMb']),
    { unit_of_measurement: 'MB', device_class: 'data_size' },
  ],
];

export function gatewayComponents({ gateway, topics }: Site): Components {
  const owner = { gateway };
  const problems = PROBLEMS.map(([id, label, template, of]) => {
    const named: Named = { platform: 'binary_sensor', id, label };
    const component: BinarySensorComponent = {
      ...{ platform: 'binary_sensor', ...identityOf(owner, named), entity_category: 'diagnostic' },
      ...{ device_class: of, ...ofHealth(topics, template) },
    };
    return [keyOf(named), component] as const;
  });
  const numbers = NUMBERS.map(([id, label, template, more]) => {
    const named: Named = { platform: 'sensor', id, label };
    const component: SensorComponent = {
      ...{ platform: 'sensor', ...identityOf(owner, named), entity_category: 'diagnostic' },
      ...{
        state_class: 'measurement',
        suggested_display_precision: 0,
        ...more,
        ...ofHealth(topics, template),
      },
    };
    return [keyOf(named), component] as const;
  });
  return new Map<string, Component>([
    connected(owner, topics),
    happening(owner, topics),
    ...problems,
    ...numbers,
  ]);
}

function ofHealth(
  topics: Topics,
  template: string,
): Required<Pick<Component, 'availability'>> & { state_topic: string; value_template: string } {
  return { state_topic: topics.health, value_template: template, availability: heard(topics) };
}

/** It says that the gateway is away, and so is itself always there. */
function connected(owner: Owner, topics: Topics): readonly [string, Component] {
  const named: Named = { platform: 'binary_sensor', id: 'status', label: 'Connected' };
  const component: Component = {
    ...{ platform: 'binary_sensor', ...identityOf(owner, named), entity_category: 'diagnostic' },
    ...{ device_class: 'connectivity', state_topic: topics.status },
    value_template: '{{ value_json.state if value_json is defined }}',
    ...{ payload_on: 'online', payload_off: 'offline' },
  };
  return [keyOf(named), component];
}

function happening(owner: Owner, topics: Topics): readonly [string, Component] {
  const named: Named = { platform: 'event', id: 'event', label: 'Event' };
  const component: Component = {
    ...{ platform: 'event', ...identityOf(owner, named), state_topic: topics.event },
    event_types: EVENT_TYPES,
    value_template: "{{ ({'event_type': value_json.type} | combine(value_json)) | to_json }}",
    availability: heard(topics),
  };
  return [keyOf(named), component];
}

/** `gone`: keys of what was told once and is no longer there. */
export function gatewayMessage(of: Site, gone: readonly string[]): DiscoveryMessage {
  const { gateway, version, prefix } = of;
  return {
    topic: discoveryTopic(prefix, { gateway }),
    payload: {
      device: {
        ...{ identifiers: [identifierOf({ gateway })], name: gateway, manufacturer: MAKER },
        ...{ model: 'gateway', sw_version: version },
      },
      ...told(of),
      components: withRemovals(gatewayComponents(of), gone),
    },
  };
}
