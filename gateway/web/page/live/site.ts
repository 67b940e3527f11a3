// All gateways and devices below one base, as MQTT tells of them. Who shows one of them watches its channel.
import { Happened } from './happened.js';
import type { Device, GatewayLife, Happening } from './model.js';
import { readAlarm } from './read-alarm.js';
import { emptyMeta, readAvailability, readDeviceHealth, readMeta, readState } from './read-device.js';
import {
  readBus,
  readEvent,
  readHealth,
  readInfo,
  readLogLine,
  readReply,
  readStatus,
} from './read-gateway.js';
import { skewAfter } from './skew.js';
import { ageMs, wallNow } from './ticks.js';
import { placeOf, type DeviceTopic, type Place } from './topic-levels.js';
import { Trend } from './trend.js';
import { numberOf, objectIn } from './unsure.js';
import type { Watchers } from './watchers.js';

/** More than this would be somebody flooding the topic tree. */
const MOST_DEVICES = 500;
const MOST_GATEWAYS = 50;
const MOST_BUSES = 50;
const MOST_TRENDS = 200;
/** Of one device. */
const MOST_ALARMS = 200;
/** A reading that is three intervals old should have been followed by two. */
const OLD_INTERVALS = 3;
const LEAST_OLD_MS = 5000;

export type Connected = 'connecting' | 'live' | 'away';

/** Told in words to those who do not see the page. */
export type Announcement =
  | { readonly kind: 'alarm'; readonly message: string }
  | { readonly kind: 'offline' | 'back'; readonly device: Device }
  | { readonly kind: 'away' | 'connected' };

export class Site {
  readonly base: string;
  readonly watchers: Watchers;
  readonly devices = new Map<string, Device>();
  readonly gateways = new Map<string, GatewayLife>();
  readonly happened = new Happened();
  connected: Connected = 'connecting';
  whyAway: string | undefined;
  /** Connections until now. */
  lives = 0;
  /** Devices and buses that this connection told of. */
  readonly #heard = new Set<string>();
  /** Whoever wants to hear a reply. */
  onReply: (happening: Extract<Happening, { kind: 'reply' }>) => void = () => undefined;
  onAnnouncement: (announcement: Announcement) => void = () => undefined;

  constructor(base: string, watchers: Watchers) {
    this.base = base;
    this.watchers = watchers;
  }

  connection(state: Connected, why?: string): void {
    const before = this.connected;
    this.connected = state;
    this.whyAway = why;
    if (state === 'away' && before === 'live') this.onAnnouncement({ kind: 'away' });
    if (state === 'live') {
      this.lives += 1;
      this.#heard.clear();
    }
    if (state === 'live' && before === 'away') this.onAnnouncement({ kind: 'connected' });
    this.watchers.touch('connection');
    this.#touchDevices();
  }

  /** One message. `isRetained`: it was said before, so its time tells nothing of clocks. */
  receive(topic: string, payload: Uint8Array, isRetained: boolean): void {
    const place = placeOf(this.base, topic);
    if (place === undefined) return;
    if (place.kind === 'alarm') {
      this.#alarm(place, payload, isRetained);
      return;
    }
    if ('device' in place && place.kind !== 'reply') {
      this.#ofDevice(place, payload, isRetained);
      return;
    }
    const gateway = this.#gateway(place.gateway);
    if (gateway === undefined) return;
    // The only message that is made anew for each time that it is said.
    if (place.kind === 'health' && !isRetained)
      this.#toldTime(gateway, numberOf(objectIn<{ ts: number }>(payload)?.ts), true);
    this.#ofGateway(gateway, place, payload);
  }

  /** Epoch ms by the clock of a gateway, so much later; undefined where that clock is not known. */
  gatewayNow(id: string, laterMs: number): number | undefined {
    const gateway = this.gateways.get(id);
    return gateway?.skewBy === 'now' ? wallNow() - gateway.skewMs + laterMs : undefined;
  }

  /** Greys what has become old. */
  tick(): void {
    for (const device of this.devices.values()) {
      const isOld = this.#isOld(device);
      if (isOld === device.isOld) continue;
      device.isOld = isOld;
      this.watchers.touch(device.key);
    }
    this.watchers.touch('second');
  }

  trend(device: Device, field: string): Trend {
    const known = device.trends.get(field);
    if (known !== undefined) return known;
    const made = new Trend();
    if (device.trends.size < MOST_TRENDS) device.trends.set(field, made);
    return made;
  }

  #isOld({ state: { ts }, gateway, meta }: Device): boolean {
    const skew = this.gateways.get(gateway)?.skewMs ?? 0;
    const patience = Math.max(LEAST_OLD_MS, OLD_INTERVALS * (meta.intervalMs ?? 60_000));
    return ts !== undefined && ageMs(ts, skew) > patience;
  }

  #toldTime(gateway: GatewayLife, ts: number | undefined, wasMadeNow: boolean): void {
    if (ts !== undefined) Object.assign(gateway, skewAfter(gateway, wallNow() - ts, wasMadeNow));
  }

  #ofGateway(
    gateway: GatewayLife,
    place: Exclude<Place, { kind: DeviceTopic | 'alarm' }>,
    payload: Uint8Array,
  ): void {
    if (place.kind === 'status') {
      gateway.state = readStatus(payload);
      this.#touchDevices();
    } else if (place.kind === 'health') {
      const { leftOn, held, storeTrouble, file } = readHealth(payload);
      Object.assign(gateway, { leftOn, held, file, healthTs: wallNow() });
      if (storeTrouble === undefined) delete gateway.storeTrouble;
      else gateway.storeTrouble = storeTrouble;
    } else if (place.kind === 'info') this.#forgetOthers(gateway, readInfo(payload));
    else if (place.kind === 'bus') {
      this.#heard.add(busKey(gateway.id, place.bus));
      const isKnown = gateway.buses.has(place.bus);
      if (payload.length === 0) gateway.buses.delete(place.bus);
      else if (isKnown || gateway.buses.size < MOST_BUSES)
        gateway.buses.set(place.bus, readBus(place.bus, payload));
      this.watchers.touch('buses');
    } else this.#happens(gateway.id, place, payload);
    if (place.kind === 'status' || place.kind === 'bus' || place.kind === 'health')
      this.watchers.touch('states');
  }

  /** What left while the connection was away said so to nobody: it is neither listed nor told of any more. */
  #forgetOthers(gateway: GatewayLife, { devices, buses }: ReturnType<typeof readInfo>): void {
    for (const { key, id } of [...this.devices.values()].filter((one) => one.gateway === gateway.id))
      if (!devices.has(id) && !this.#heard.has(key)) this.devices.delete(key);
    for (const bus of gateway.buses.keys())
      if (!buses.has(bus) && !this.#heard.has(busKey(gateway.id, bus))) gateway.buses.delete(bus);
    for (const channel of ['devices', 'buses', 'states']) this.watchers.touch(channel);
  }

  #happens(
    gateway: string,
    place: Exclude<Place, { kind: DeviceTopic | 'alarm' }>,
    payload: Uint8Array,
  ): void {
    if (place.kind === 'event') this.#add(readEvent(gateway, payload));
    else if (place.kind === 'log') this.#add(readLogLine(gateway, place.level, payload, wallNow()));
    else if (place.kind === 'reply') {
      const reply = readReply(payload);
      if (reply === undefined) return;
      const happening = { kind: 'reply', gateway, device: place.device, name: place.name, reply } as const;
      this.#add(happening);
      this.onReply(happening);
    }
  }

  #add(happening: Happening | undefined): void {
    if (happening === undefined) return;
    this.happened.add(happening);
    this.watchers.touch('happened');
  }

  #ofDevice(place: Extract<Place, { kind: DeviceTopic }>, payload: Uint8Array, isRetained: boolean): void {
    const { gateway, device: id, kind } = place;
    // An empty retained message means that the device is no longer configured.
    if (payload.length === 0) {
      if (kind === 'meta' && this.devices.delete(`${gateway}/${id}`)) this.watchers.touch('devices');
      return;
    }
    const device = this.#device(gateway, id);
    if (device === undefined) return;
    this.#heard.add(device.key);
    if (kind === 'meta') device.meta = readMeta(id, payload);
    else if (kind === 'availability') this.#available(device, payload);
    else if (kind === 'deviceHealth') Object.assign(device, readDeviceHealth(payload));
    else this.#measured(device, payload, isRetained);
    if (kind === 'meta' || kind === 'availability') this.watchers.touch('states');
    if (kind === 'deviceHealth') this.watchers.touch('buses');
    this.watchers.touch(device.key);
  }

  #alarm(
    { gateway, device: id, alarm }: Extract<Place, { kind: 'alarm' }>,
    payload: Uint8Array,
    isRetained: boolean,
  ): void {
    const isGone = payload.length === 0;
    const device = isGone ? this.devices.get(`${gateway}/${id}`) : this.#device(gateway, id);
    if (device === undefined) return;
    const before = device.alarms.get(alarm);
    if (isGone) device.alarms.delete(alarm);
    else if (before !== undefined || device.alarms.size < MOST_ALARMS) {
      const now = readAlarm(alarm, payload);
      device.alarms.set(alarm, now);
      const isNews = !isRetained && now.isRaised && before?.isRaised !== true;
      if (isNews && now.message !== undefined) this.onAnnouncement({ kind: 'alarm', message: now.message });
    }
    this.watchers.touch('states');
    this.watchers.touch(device.key);
  }

  #available(device: Device, payload: Uint8Array): void {
    const before = device.availability.state;
    device.availability = readAvailability(payload);
    const { state } = device.availability;
    if (state === before || before === 'unknown') return;
    if (state === 'offline') this.onAnnouncement({ kind: 'offline', device });
    else if (before === 'offline' && state === 'online') this.onAnnouncement({ kind: 'back', device });
  }

  #measured(device: Device, payload: Uint8Array, isRetained: boolean): void {
    const state = readState(payload);
    device.state = state;
    const { ts } = state;
    if (ts === undefined) return;
    const gateway = this.#gateway(device.gateway);
    if (!isRetained && gateway !== undefined) {
      this.#toldTime(gateway, ts, false);
      device.isOld = this.#isOld(device);
    }
    for (const [field, value] of state.values)
      if (typeof value === 'number' || typeof value === 'boolean')
        this.trend(device, field).add(ts, Number(value));
  }

  #device(gateway: string, id: string): Device | undefined {
    const key = `${gateway}/${id}`;
    const known = this.devices.get(key);
    if (known !== undefined) return known;
    if (this.devices.size >= MOST_DEVICES || this.#gateway(gateway) === undefined) return undefined;
    const state = { values: new Map(), errors: new Map() };
    const made: Device = {
      ...{ key, gateway, id, meta: emptyMeta(id), state, isOld: false },
      ...{ availability: { state: 'unknown' }, faults: [], trends: new Map(), alarms: new Map() },
    };
    this.devices.set(key, made);
    this.watchers.touch('devices');
    return made;
  }

  #gateway(id: string): GatewayLife | undefined {
    const known = this.gateways.get(id);
    if (known !== undefined) return known;
    if (this.gateways.size >= MOST_GATEWAYS) return undefined;
    const made: GatewayLife = {
      ...{ id, state: 'unknown', leftOn: [], buses: new Map(), skewMs: 0, skewBy: 'nothing' },
      file: { needsRestart: [] },
      ...{ held: { outputs: [], isWhole: false }, healthTs: 0 },
    };
    this.gateways.set(id, made);
    return made;
  }

  #touchDevices(): void {
    for (const key of this.devices.keys()) this.watchers.touch(key);
    this.watchers.touch('states');
  }
}

function busKey(gateway: string, bus: string): string {
  return `${gateway}/bus/${bus}`;
}
