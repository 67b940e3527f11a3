// A device's topics: telemetry for stores, state for screens, bare values for gauges and shells.
import { defined } from '../../shared/config/defined.js';
import type { Device, SampleSpec } from '../../shared/device-type.js';
import {
  encodeText,
  type AvailabilityMessage,
  type EventMessage,
  type StateMessage,
} from '../../shared/messages.js';
import type { Clock } from '../../shared/ports.js';
import type { Sample, Value } from '../../shared/sample.js';
import type { Topics } from '../../shared/topics.js';
import type { Availability } from '../device/availability.js';
import { ChangeFilter } from './change-filter.js';
import type { Reading } from '../device/reader.js';
import { describeDevice } from './meta.js';
import type { Stamp } from '../recording/time-keeper.js';
import { ONCE, RETAINED, RETAINED_LIGHT, type Outlet } from '../messages/outlet.js';
import type { OwnTelemetry } from '../recording/own-telemetry.js';
import type { DeviceSaid } from './said.js';

export interface DevicePublisherOptions {
  readonly device: Device;
  readonly boot: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  /** Takes the samples. */
  readonly telemetry: Pick<OwnTelemetry, 'take'>;
  readonly clock: Clock;
  /** Whether `value/<field>` is published. */
  readonly bareValues: boolean;
  /** The time of a sample that was read then, and what it is worth. */
  readonly stamp: (ts: number) => Stamp;
  /** Of its first sample; this start may have had the device before. */
  readonly firstSeq: number;
}

export class DevicePublisher {
  readonly #options: DevicePublisherOptions;
  readonly #filters = new Map<SampleSpec, ChangeFilter>();
  #seq: number;
  #unchanged = 0;
  #values: Readonly<Record<string, Value>> = {};
  #errors: Readonly<Record<string, string>> = {};
  #availability: AvailabilityMessage | null = null;
  #state: StateMessage | null = null;

  constructor(options: DevicePublisherOptions) {
    this.#options = options;
    this.#seq = options.firstSeq;
  }

  meta(): void {
    const { device, topics, outlet } = this.#options;
    outlet.json(topics.meta(device.id), describeDevice(device), RETAINED);
  }

  /** What its retained topics say by now. */
  get said(): DeviceSaid {
    return {
      meta: describeDevice(this.#options.device),
      availability: this.#availability,
      state: this.#state,
    };
  }

  /** Of the next sample. */
  get nextSeq(): number {
    return this.#seq;
  }

  /** Readings that were no news: not published as telemetry. */
  get unchanged(): number {
    return this.#unchanged;
  }

  reading(reading: Reading, spec: SampleSpec): void {
    const { device, topics, outlet, clock } = this.#options;
    const { ts, values, errors } = reading;
    if (this.#filterOf(spec).isNews(reading, clock.monotonicMs())) this.#telemetry(reading);
    else this.#unchanged += 1;
    this.#state = this.#merge(ts, values, errors);
    outlet.json(topics.state(device.id), this.#state, RETAINED);
    if (this.#options.bareValues) this.#bareValues(values);
  }

  /** `seq` counts what is to be recorded: a gap in it is a loss, and nothing else. */
  #telemetry({ ts: readTs, values, errors }: Reading): void {
    const { device, telemetry, boot, stamp } = this.#options;
    const failed = Object.keys(errors).length > 0;
    const { ts, clock } = stamp(readTs);
    const sample: Sample = {
      ...{ ts, boot, seq: this.#seq, values },
      ...(failed ? { errors } : {}),
      ...(clock === undefined ? {} : { clock }),
    };
    this.#seq += 1;
    telemetry.take(device.id, sample);
  }

  #filterOf(spec: SampleSpec): ChangeFilter {
    const filter = this.#filters.get(spec) ?? new ChangeFilter(spec);
    this.#filters.set(spec, filter);
    return filter;
  }

  availability(now: Availability, pausedUntil: number | undefined): void {
    // Who was away or not believed has something to tell, be it the same as before.
    for (const filter of this.#filters.values()) filter.forget();
    if (now.state === 'unknown') return;
    this.#sayAvailability(now, pausedUntil);
    const { state, reason, message, hint } = now;
    const why = reason === null ? {} : { code: reason, ...defined({ message, hint }) };
    this.#event({ type: `device.${state}`, ...why });
  }

  /** A pause until then began, or the one there was is over. */
  pause(now: Availability, until: number | undefined): void {
    this.#sayAvailability(now, until);
    this.#event(until === undefined ? { type: 'device.resumed' } : { type: 'device.paused', until });
  }

  #sayAvailability(
    { state, since, reason, message, hint }: Availability,
    pausedUntil: number | undefined,
  ): void {
    const { device, topics, outlet } = this.#options;
    if (state === 'unknown') return;
    this.#availability = { state, since, reason, ...defined({ message, hint, pausedUntil }) };
    outlet.json(topics.availability(device.id), this.#availability, RETAINED);
  }

  #event(what: Omit<EventMessage, 'ts' | 'device'>): void {
    const { device, topics, outlet, clock } = this.#options;
    const { type, ...more } = what;
    const event: EventMessage = { type, ts: clock.now(), device: device.id, ...more };
    outlet.json(topics.event, event, ONCE);
  }

  /** The newest of every field: a device with two samples has one state. */
  #merge(ts: number, values: Reading['values'], errors: Reading['errors']): StateMessage {
    const stillWrong = Object.entries(this.#errors).filter(([field]) => !Object.hasOwn(values, field));
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
