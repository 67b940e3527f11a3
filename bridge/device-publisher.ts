// A device's topics: telemetry for stores, state for screens, bare values for gauges and shells.
import type { Device } from '../shared/device-type.js';
import {
  encodeText,
  type AvailabilityMessage,
  type EventMessage,
  type StateMessage,
} from '../shared/messages.js';
import type { Sample, Value } from '../shared/sample.js';
import type { Topics } from '../shared/topics.js';
import type { Availability } from './availability.js';
import type { Reading } from './device-client.js';
import { describeDevice } from './meta.js';
import { ONCE, RETAINED, RETAINED_LIGHT, type Outlet } from './outlet.js';

export interface DevicePublisherOptions {
  readonly device: Device;
  readonly boot: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  /** Whether `value/<field>` is published. */
  readonly bareValues: boolean;
}

export class DevicePublisher {
  readonly #options: DevicePublisherOptions;
  #seq = 0;
  #values: Readonly<Record<string, Value>> = {};
  #errors: Readonly<Record<string, string>> = {};

  constructor(options: DevicePublisherOptions) {
    this.#options = options;
  }

  meta(): void {
    const { device, topics, outlet } = this.#options;
    outlet.json(topics.meta(device.id), describeDevice(device), RETAINED);
  }

  reading({ ts, values, errors }: Reading): void {
    const { device, topics, outlet, boot } = this.#options;
    const failed = Object.keys(errors).length > 0;
    const sample: Sample = { ts, boot, seq: this.#seq, values, ...(failed ? { errors } : {}) };
    this.#seq += 1;
    outlet.json(topics.telemetry(device.id), sample, ONCE);
    outlet.json(topics.state(device.id), this.#merge(ts, values, errors), RETAINED);
    if (this.#options.bareValues) this.#bareValues(values);
  }

  availability(now: Availability, ts: number): void {
    if (now.state === 'unknown') return;
    const { device, topics, outlet } = this.#options;
    const { state, since, reason } = now;
    const message = now.message === undefined ? {} : { message: now.message };
    const said: AvailabilityMessage = { state, since, reason, ...message };
    outlet.json(topics.availability(device.id), said, RETAINED);
    const why = reason === null ? {} : { code: reason, ...message };
    const event: EventMessage = { type: `device.${state}`, ts, device: device.id, ...why };
    outlet.json(topics.event, event, ONCE);
  }

  /** The newest of every field: a device with two samples has one state. */
  #merge(ts: number, values: Reading['values'], errors: Reading['errors']): StateMessage {
    const stillWrong = Object.entries(this.#errors).filter(([field]) => !(field in values));
    this.#values = { ...this.#values, ...values };
    this.#errors = { ...Object.fromEntries(stillWrong), ...errors };
    const failed = Object.keys(this.#errors).length > 0;
    return { ts, values: this.#values, ...(failed ? { errors: this.#errors } : {}) };
  }

  #bareValues(values: Reading['values']): void {
    const { device, topics, outlet } = this.#options;
    for (const [field, value] of Object.entries(values)) {
      // What is not believed is not said here: a gauge keeps the last good value, `state` tells the error.
      if (value !== null)
        outlet.bytes(topics.value(device.id, field), encodeText(String(value)), RETAINED_LIGHT);
    }
  }
}
