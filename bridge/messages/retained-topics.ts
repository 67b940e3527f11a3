// Which topics stay retained by a configuration: what else this gateway retained once has left it.
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import type { Topics } from '../../shared/topics.js';

export interface RetainedTopic {
  readonly topic: string;
  /** What its payload is made of: where that has changed, what was said before no longer holds. */
  readonly shape: string;
  /** What its payload has many of, by name: of one that is gone the next payload itself has to say so. */
  readonly parts?: readonly string[];
}

/** Of whoever says what it is: a gateway, or a recorder alone. */
export function ownRetained(topics: Topics): readonly RetainedTopic[] {
  return [topics.status, topics.info, topics.health].map((topic) => ({ topic, shape: '' }));
}

export function gatewayRetained(
  topics: Topics,
  config: Pick<GatewayConfig, 'buses' | 'devices'>,
  bareValues: boolean,
): readonly RetainedTopic[] {
  return [
    ...ownRetained(topics),
    ...[...config.buses.keys()].map((bus) => ({ topic: topics.busHealth(bus), shape: '' })),
    ...[...config.devices.values()].flatMap((device) => deviceRetained(topics, device, bareValues)),
  ];
}

function deviceRetained(
  topics: Topics,
  { id, type, alarms = [] }: Device,
  bareValues: boolean,
): RetainedTopic[] {
  const fields = type.samples.flatMap((sample) => sample.fields.map((field) => field.id));
  return [
    { topic: topics.meta(id), shape: '' },
    { topic: topics.availability(id), shape: '' },
    { topic: topics.deviceHealth(id), shape: '' },
    { topic: topics.state(id), shape: fields.toSorted().join() },
    ...alarms.map((alarm) => ({ topic: topics.alarm(id, alarm.id), shape: '' })),
    ...(bareValues ? fields.map((field) => ({ topic: topics.value(id, field), shape: '' })) : []),
  ];
}
