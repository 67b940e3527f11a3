// What the retained topics of a device say, for those who ask for it without MQTT.
import type { AvailabilityMessage, StateMessage } from '../../shared/messages.js';
import type { DeviceMeta } from './meta.js';

export interface DeviceSaid {
  readonly meta: DeviceMeta;
  /** Null as long as this process has not found out. */
  readonly availability: AvailabilityMessage | null;
  /** Null as long as this process has read nothing of it. */
  readonly state: StateMessage | null;
}
