// What a client gets of one topic, by all of its filters that match it: it gets each message once.
import type { QoS } from '../../../shared/ports.js';
import type { Granted } from '../mqtt/aedes-client.js';

/** What all of a client's filters that match one topic come to. */
export interface Grant {
  /** The highest [MQTT-3.3.5-1]. */
  readonly qos: QoS;
  /** The retain flag stays as it was published, for one of them [MQTT-3.3.1-13]. */
  readonly keepsRetain: boolean;
  /** Of all that have one [MQTT-3.3.4-4]. */
  readonly ids: readonly number[];
}

export function grantOf(filters: readonly Granted[]): Grant {
  return {
    qos: Math.max(0, ...filters.map(({ qos }) => qos)) as QoS,
    keepsRetain: filters.some(({ rap }) => rap === true),
    ids: filters.flatMap(({ si }) => si ?? []),
  };
}
