// An alarm of a device → a binary sensor that is on while it is raised. It tells of a device that is away as well, and so is
// there while the gateway is.
import type { AlarmSpec } from '../../shared/alarms/spec.js';
import { identityOf, keyOf, type Named, type Owner } from './names.js';
import type { AvailabilityPlace, Component } from './payload.js';

export function alarmComponent(
  { id, label }: AlarmSpec,
  owner: Owner,
  topic: string,
  availability: readonly AvailabilityPlace[],
): readonly [string, Component] {
  const named: Named = { platform: 'binary_sensor', origin: 'alarm', id, label };
  const component: Component = {
    ...{ platform: 'binary_sensor', ...identityOf(owner, named), device_class: 'problem', availability },
    ...{ state_topic: topic, json_attributes_topic: topic },
    value_template: '{{ value_json.state if value_json is defined }}',
    ...{ payload_on: 'raised', payload_off: 'clear' },
  };
  return [keyOf(named), component];
}
