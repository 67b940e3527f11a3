// Whether each bus can hold its schedule, by the time that transactions really take: a target that stretches the clock,
// or a slow adapter, takes many times what the bytes alone would.
import { readsPerMs, scheduledLoad } from '../../shared/config/budget.js';
import type { BusConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import type { EventMessage } from '../../shared/messages.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { DeviceTrace, DeviceTraffic } from './ring.js';
import { ONCE, type Outlet } from '../messages/outlet.js';
import { Ticker } from '../time/ticker.js';

export interface BusBudgetOptions {
  readonly buses: ReadonlyMap<string, BusConfig>;
  /** May change while it runs. */
  readonly devices: ReadonlyMap<string, Device>;
  readonly traceOf: (device: string) => Pick<DeviceTrace, 'traffic'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly outlet: Pick<Outlet, 'json'>;
  readonly topics: Topics;
}

export interface BudgetHealth {
  /** Share of the bus that the schedule needs by the bytes and rests alone, and by what was measured. */
  readonly scheduled: number;
  readonly measured: number;
  /** Epoch ms since when the schedule can't be held. */
  readonly overloadedSince?: number;
  readonly devices: Readonly<Record<string, DeviceBudget>>;
}

interface DeviceBudget {
  readonly transactions: number;
  readonly failures: number;
  /** On the bus, rests included. */
  readonly busyMs: number;
  /** Of a poll that succeeded, with all its transactions and their rests; lately. */
  readonly meanMs?: number;
  readonly longestMs: number;
  /** Of the bus, as scheduled. */
  readonly share: number;
}

const CHECK_EVERY_MS = 10_000;
/** A new mean moves what is known by so much of the way: one bad interval is no verdict. */
const WEIGHT = 0.5;
/** It is over only well below what is too much, else a bus at its edge would be said every minute. */
const RELIEVED_BELOW = 0.95;
const NAMED_DEVICES = 3;

interface Watched {
  readonly device: Device;
  readonly trace: Pick<DeviceTrace, 'traffic'>;
  seen: Pick<DeviceTraffic, 'goodPolls' | 'goodPollMs'>;
  meanMs: number | undefined;
}

export class BusBudget implements Component {
  readonly name = 'bus budget';
  readonly #options: BusBudgetOptions;
  /** By device; brought up to date by `#on`. */
  readonly #watched = new Map<string, Watched>();
  readonly #overloadedSince = new Map<string, number>();
  readonly #ticker: Ticker;

  constructor(options: BusBudgetOptions) {
    this.#options = options;
    this.#ticker = new Ticker({
      clock: options.clock,
      everyMs: CHECK_EVERY_MS,
      phaseMs: CHECK_EVERY_MS,
      onTick: () => {
        this.#check();
      },
    });
  }

  start(): Promise<void> {
    this.#ticker.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#ticker.stop();
    return Promise.resolve();
  }

  health(): Readonly<Record<string, BudgetHealth>> {
    const { buses } = this.#options;
    return Object.fromEntries([...buses.values()].map((bus) => [bus.id, this.#healthOf(bus)]));
  }

  #healthOf(bus: BusConfig): BudgetHealth {
    const watched = this.#on(bus);
    const since = this.#overloadedSince.get(bus.id);
    return {
      scheduled: thousandths(
        scheduledLoad(
          watched.map(({ device }) => device),
          bus.bitsPerSecond,
        ),
      ),
      measured: thousandths(demand(watched, bus)),
      ...(since === undefined ? {} : { overloadedSince: since }),
      devices: Object.fromEntries(watched.map((one) => [one.device.id, numbersOf(one, bus)])),
    };
  }

  #check(): void {
    for (const one of this.#all()) measure(one);
    for (const bus of this.#options.buses.values()) this.#judge(bus);
  }

  #judge(bus: BusConfig): void {
    const watched = this.#on(bus);
    const needed = demand(watched, bus);
    const isOver = this.#overloadedSince.has(bus.id);
    const { clock, log } = this.#options;
    const percent = `${String(Math.round(needed * 100))} %`;
    if (!isOver && needed > 1) {
      this.#overloadedSince.set(bus.id, clock.now());
      const message = `The bus ${bus.id} can't hold its schedule: as measured it would take ${percent} of its time, most for ${greediest(watched, bus)}. Polls are missed; read less often.`;
      log.warn({ bus: bus.id, needed: thousandths(needed) }, message);
      this.#say('bus.overloaded', bus.id, message);
    } else if (isOver && needed < RELIEVED_BELOW) {
      this.#overloadedSince.delete(bus.id);
      const message = `The bus ${bus.id} can hold its schedule again: it takes ${percent} of its time.`;
      log.info({ bus: bus.id, needed: thousandths(needed) }, message);
      this.#say('bus.relieved', bus.id, message);
    }
  }

  #say(type: string, bus: string, message: string): void {
    const { outlet, topics, clock } = this.#options;
    const event: EventMessage = { type, ts: clock.now(), bus, message };
    outlet.json(topics.event, event, ONCE);
  }

  #on({ id }: BusConfig): readonly Watched[] {
    return this.#all().filter(({ device }) => device.bus === id);
  }

  /** Of the devices of now: what was measured of one that is another now does not count. */
  #all(): readonly Watched[] {
    const { devices, traceOf } = this.#options;
    for (const id of this.#watched.keys()) if (!devices.has(id)) this.#watched.delete(id);
    return [...devices.values()].map((device) => {
      const known = this.#watched.get(device.id);
      if (known?.device === device) return known;
      const trace = traceOf(device.id);
      const seen = known === undefined ? { goodPolls: 0, goodPollMs: 0 } : trace.traffic();
      const watched = { device, trace, seen, meanMs: undefined };
      this.#watched.set(device.id, watched);
      return watched;
    });
  }
}

/** Only polls that succeeded count: one that failed says how long a fault takes, not the schedule. */
function measure(one: Watched): void {
  const { goodPolls, goodPollMs } = one.trace.traffic();
  const polls = goodPolls - one.seen.goodPolls;
  if (polls === 0) return;
  const meanMs = (goodPollMs - one.seen.goodPollMs) / polls;
  one.meanMs = one.meanMs === undefined ? meanMs : one.meanMs + WEIGHT * (meanMs - one.meanMs);
  one.seen = { goodPolls, goodPollMs };
}

function demand(watched: readonly Watched[], bus: BusConfig): number {
  return watched.reduce((sum, one) => sum + shareOf(one, bus), 0);
}

/** As measured; before that, as computed. */
function shareOf({ device, meanMs }: Watched, bus: BusConfig): number {
  if (meanMs === undefined) return scheduledLoad([device], bus.bitsPerSecond);
  return meanMs * readsPerMs(device);
}

function greediest(watched: readonly Watched[], bus: BusConfig): string {
  return watched
    .map((one) => ({ id: one.device.id, share: shareOf(one, bus) }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, NAMED_DEVICES)
    .map(({ id, share }) => `${id} (${String(Math.round(share * 100))} %)`)
    .join(', ');
}

function numbersOf(one: Watched, bus: BusConfig): DeviceBudget {
  const { transactions, failures, busyMs, longestMs } = one.trace.traffic();
  return {
    ...{ transactions, failures, busyMs: Math.round(busyMs), longestMs: thousandths(longestMs) },
    ...(one.meanMs === undefined ? {} : { meanMs: thousandths(one.meanMs) }),
    share: thousandths(shareOf(one, bus)),
  };
}

function thousandths(share: number): number {
  return Math.round(share * 1000) / 1000;
}
