// All alarms of a configuration: what is heard of the devices in, what has changed out. No larger than the configuration.
import type { AlarmOccasion } from '../../shared/alarms/spec.js';
import { defined } from '../../shared/config/defined.js';
import type { Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { AlarmMessage } from '../../shared/messages.js';
import type { Value } from '../../shared/sample.js';
import type { AvailabilityState } from '../device/availability.js';
import { same } from '../reload/same.js';
import { Alarm, type Acknowledgement, type Change, type Moment, type Raised } from './alarm.js';
import { factsOf, messageOf, sentenceOf, type AlarmNews, type AlarmPlace } from './news.js';

/** A raised alarm as it is kept for the next start. */
export interface KeptAlarm extends Raised {
  readonly device: string;
  readonly alarm: string;
}

interface OfDevice {
  readonly place: AlarmPlace;
  readonly alarms: ReadonlyMap<string, Alarm>;
}

export class AlarmBoard {
  readonly #gateway: string;
  #devices: ReadonlyMap<string, OfDevice> = new Map();

  /** `kept`: what was raised when the last run ended. What is no alarm any more is forgotten. */
  constructor(gateway: string, devices: Iterable<Device>, kept: readonly KeptAlarm[], start: Moment) {
    this.#gateway = gateway;
    this.#set(devices, kept, start);
  }

  /** The configuration has changed: what is the same alarm of the same device goes on where it is. */
  follow(devices: Iterable<Device>, at: Moment): void {
    this.#set(devices, this.kept(), at);
  }

  #set(devices: Iterable<Device>, kept: readonly KeptAlarm[], at: Moment): void {
    const raised = new Map(kept.map(({ device, alarm, ...rest }) => [`${device}/${alarm}`, rest]));
    const next = new Map<string, OfDevice>();
    for (const { id, label, type, alarms = [] } of devices) {
      if (alarms.length === 0) continue;
      const place = { gateway: this.#gateway, device: id, label: label ?? type.label ?? id };
      const all = alarms.map((spec): [string, Alarm] => {
        const running = this.#devices.get(id)?.alarms.get(spec.id);
        const isSame = running !== undefined && same(running.spec, spec);
        return [spec.id, isSame ? running : new Alarm(spec, at, raised.get(`${id}/${spec.id}`))];
      });
      next.set(id, { place, alarms: new Map(all) });
    }
    this.#devices = next;
  }

  /** Values of one sample of a device. */
  reading(device: string, values: Readonly<Record<string, Value>>, at: Moment): readonly AlarmNews[] {
    return this.#each(device, at, (alarm) => alarm.reading(values, at));
  }

  availability(device: string, state: AvailabilityState, at: Moment): readonly AlarmNews[] {
    return this.#each(device, at, (alarm) => alarm.availability(state, at));
  }

  pause(device: string, isPaused: boolean, state: AvailabilityState, at: Moment): readonly AlarmNews[] {
    return this.#each(device, at, (alarm) => alarm.pause(isPaused, state, at));
  }

  tick(at: Moment): readonly AlarmNews[] {
    return [...this.#devices.keys()].flatMap((device) => this.#each(device, at, (alarm) => alarm.tick(at)));
  }

  /** When `tick` has something to do at the earliest; undefined where nothing waits for the time. */
  get dueMs(): number | undefined {
    const due = this.#all().flatMap(({ alarm }) => alarm.dueMs ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Who has acknowledged it, where it is raised; and the news, where that is new. Throws unknown_device, unknown_alarm. */
  acknowledge(
    device: string,
    id: string,
    said: Acknowledgement,
  ): { readonly acknowledged?: Acknowledgement; readonly news?: AlarmNews } {
    const { place, alarm } = this.#known(device, id);
    const acknowledged = alarm.acknowledge(said);
    if (acknowledged === undefined) return {};
    if (acknowledged !== said) return { acknowledged };
    const { by, note } = said;
    const news = newsOf(alarm, place, 'acknowledged', said.ts);
    return { acknowledged, news: { ...news, by, ...defined({ note }) } };
  }

  /** Throws unknown_device, unknown_alarm. */
  message(device: string, id: string): AlarmMessage {
    const { place, alarm } = this.#known(device, id);
    return messageOf(alarm, place);
  }

  /** What each of them says, in the order of the configuration. */
  messages(): readonly { readonly device: string; readonly alarm: string; readonly message: AlarmMessage }[] {
    return this.#all().map(({ place, alarm }) => ({
      ...{ device: place.device, alarm: alarm.spec.id },
      message: messageOf(alarm, place),
    }));
  }

  kept(): readonly KeptAlarm[] {
    return this.#all().flatMap(({ place, alarm }) =>
      alarm.raised === undefined ? [] : [{ device: place.device, alarm: alarm.spec.id, ...alarm.raised }],
    );
  }

  #all(): readonly { readonly place: AlarmPlace; readonly alarm: Alarm }[] {
    return [...this.#devices.values()].flatMap(({ place, alarms }) =>
      [...alarms.values()].map((alarm) => ({ place, alarm })),
    );
  }

  #each(device: string, { ts }: Moment, hear: (alarm: Alarm) => Change): readonly AlarmNews[] {
    const { place, alarms } = this.#devices.get(device) ?? {};
    if (place === undefined) return [];
    return [...(alarms?.values() ?? [])].flatMap((alarm) => {
      const { since } = alarm;
      const change = hear(alarm);
      if (change === undefined) return [];
      return [newsOf(alarm, place, change, ts, change === 'cleared' ? since : alarm.since)];
    });
  }

  #known(device: string, id: string): { readonly place: AlarmPlace; readonly alarm: Alarm } {
    const found = this.#devices.get(device);
    if (found === undefined)
      throw new GatewayError('unknown_device', `No device ${device.slice(0, 64)} has alarms.`);
    const alarm = found.alarms.get(id);
    if (alarm !== undefined) return { place: found.place, alarm };
    const ids = [...found.alarms.keys()].slice(0, 10).join(', ');
    throw new GatewayError('unknown_alarm', `${device} has no alarm ${id.slice(0, 64)}; it has: ${ids}.`);
  }
}

/** `since`: when it was raised. */
function newsOf(
  { spec, raised, value: newest, since: now }: Alarm,
  place: AlarmPlace,
  what: AlarmOccasion,
  ts: number,
  since = now,
): AlarmNews {
  const { id, severity, message, cleared } = spec;
  const value = raised === undefined ? newest : raised.value;
  const facts = factsOf(spec, place, value, since);
  const sentence = sentenceOf(what === 'cleared' ? cleared : message, facts);
  return { what, ts, device: place.device, alarm: id, severity, message: sentence, value, since, facts };
}
