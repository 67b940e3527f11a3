// All gateways and devices below one base, as MQTT tells of them. Who shows one of them watches its channel.
import { Happened } from './happened.js';
import type { Device, GatewayLife, Happening } from './model.js';
import { emptyMeta, readAvailability, readDeviceHealth, readMeta, readState } from './read-device.js';
import { readBus, readEvent, readHealth, readLogLine, readReply, readStatus } from './read-gateway.js';
import { ageMs, wallNow } from './ticks.js';
import { placeOf, type DeviceTopic, type Place } from './topic-levels.js';
import { Trend } from './trend.js';
import type { Watchers } from './watchers.js';

/** More than this would be somebody flooding the topic tree. */
const MOST_DEVICES = 500;
const MOST_GATEWAYS = 50;
const MOST_BUSES = 50;
/** A reading that is three intervals old should have been followed by two. */
const OLD_INTERVALS = 3;
const LEAST_OLD_MS = 5000;
/** Clocks that are so near are the same. */
const SAME_CLOCK_MS = 2000;

export type Connected = 'connecting' | 'live' | 'away';

/** Told in words to those who do not see the page. */
export type Announcement =
  { readonly kind: 'offline' | 'back'; readonly device: Device } | { readonly kind: 'away' | 'connected' };

export class Site {
  readonly base: string;
  readonly watchers: Watchers;
  readonly devices = new Map<string, Device>();
  readonly gateways = new Map<string, GatewayLife>();
  readonly happened = new Happened();
  connected: Connected = 'connecting';
  whyAway: string | undefined;
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
    if (state === 'live' && before === 'away') this.onAnnouncement({ kind: 'connected' });
    this.watchers.touch('connection');
    this.#touchDevices();
  }

  /** One message. `isRetained`: it was said before, so its time tells nothing of clocks. */
  receive(topic: string, payload: Uint8Array, isRetained: boolean): void {
    const place = placeOf(this.base, topic);
    if (place === undefined) return;
    if ('device' in place && place.kind !== 'reply') {
      this.#ofDevice(place, payload, isRetained);
      return;
    }
    const gateway = this.#gateway(place.gateway);
    if (gateway !== undefined) this.#ofGateway(gateway, place, payload);
  }

  /** Greys what has become old. */
  tick(): void {
    for (const device of this.devices.values()) {
      const { ts } = device.state;
      const skew = this.gateways.get(device.gateway)?.skewMs ?? 0;
      const patience = Math.max(LEAST_OLD_MS, OLD_INTERVALS * (device.meta.intervalMs ?? 60_000));
      const isOld = ts !== undefined && ageMs(ts, skew) > patience;
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
    device.trends.set(field, made);
    return made;
  }

  #ofGateway(gateway: GatewayLife, place: Exclude<Place, { kind: DeviceTopic }>, payload: Uint8Array): void {
    if (place.kind === 'status') {
      gateway.state = readStatus(payload);
      this.#touchDevices();
    } else if (place.kind === 'health') {
      const { leftOn, held, storeTrouble, file } = readHealth(payload);
      Object.assign(gateway, { leftOn, held, file, healthTs: wallNow() });
      if (storeTrouble === undefined) delete gateway.storeTrouble;
      else gateway.storeTrouble = storeTrouble;
    } else if (place.kind === 'bus') {
      const isKnown = gateway.buses.has(place.bus);
      if (payload.length === 0) gateway.buses.delete(place.bus);
      else if (isKnown || gateway.buses.size < MOST_BUSES)
        gateway.buses.set(place.bus, readBus(place.bus, payload));
      this.watchers.touch('buses');
    } else this.#happens(gateway.id, place, payload);
    if (place.kind === 'status' || place.kind === 'bus' || place.kind === 'health')
      this.watchers.touch('states');
  }

  #happens(gateway: string, place: Exclude<Place, { kind: DeviceTopic }>, payload: Uint8Array): void {
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
    if (kind === 'meta') device.meta = readMeta(id, payload);
    else if (kind === 'availability') this.#available(device, payload);
    else if (kind === 'deviceHealth') Object.assign(device, readDeviceHealth(payload));
    else this.#measured(device, payload, isRetained);
    if (kind === 'meta' || kind === 'availability') this.watchers.touch('states');
    if (kind === 'deviceHealth') this.watchers.touch('buses');
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
      const ahead = wallNow() - ts;
      gateway.skewMs = Math.abs(ahead) < SAME_CLOCK_MS ? 0 : ahead;
      device.isOld = false;
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
      ...{ availability: { state: 'unknown' }, faults: [], trends: new Map() },
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
      ...{ id, state: 'unknown', leftOn: [], buses: new Map(), skewMs: 0 },
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
