// All devices on their schedules: readings and availability to their topics, one line in the log a change.
import type { PlannedWrite } from '../../shared/device-type.js';
import { GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { AlarmKeeper } from '../alarms/keeper.js';
import type { Availability } from '../device/availability.js';
import type { DeviceClient } from '../device/client.js';
import { DevicePoller, type PollCounts } from './device-poller.js';
import { DevicePublisher } from './publisher.js';
import { typesAnswering } from '../device/identities.js';
import type { FaultFacts } from '../device/fault-log.js';
import type { Outlet } from '../messages/outlet.js';
import type { OwnTelemetry } from '../recording/own-telemetry.js';
import type { DeviceSaid } from './said.js';
import { GridClock } from '../time/grid.js';
import { ProbeTurns } from '../device/probe-turns.js';
import type { Stamp } from '../recording/time-keeper.js';

export interface PollerOptions {
  readonly clients: readonly DeviceClient[];
  readonly clock: Clock;
  readonly log: Log;
  readonly boot: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly telemetry: OwnTelemetry;
  readonly bareValues: boolean;
  /** Makes a write that sets a device up. Rejects where it failed, or with what `refuse` says when its turn comes. */
  readonly setUp: (
    client: DeviceClient,
    write: PlannedWrite,
    refuse: () => Error | undefined,
  ) => Promise<void>;
  /** Whether this bus is known to corrupt bytes when a target stretches the clock. */
  readonly breaksStretching: (bus: string) => boolean;
  /** How long a device has had the wire of its bus so far. */
  readonly busyMsOf: (device: string) => number;
  /** The device was identified and set up: at the start, and whenever it was away. */
  readonly onFound: (device: string) => void;
  /** The time of a sample that was read then, and what it is worth. */
  readonly stamp: (ts: number) => Stamp;
  /** Hears all that is read, and who is away or paused. */
  readonly alarms?: Pick<AlarmKeeper, 'reading' | 'availability' | 'pause'>;
}

export interface DeviceHealth extends PollCounts {
  readonly availability: Availability;
  /** Readings that were no news (publish: on_change). */
  readonly unchanged: number;
  /** Epoch ms until which it is not polled, by request. */
  readonly pausedUntil?: number;
}

interface Polled {
  readonly poller: DevicePoller;
  readonly publisher: DevicePublisher;
}

export class Poller implements Component {
  readonly name = 'poller';
  readonly #options: PollerOptions;
  readonly #polled = new Map<string, Polled>();
  readonly #turns = new Map<string, ProbeTurns>();
  readonly #grid: GridClock;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#grid = new GridClock(options.clock);
  }

  start(): Promise<void> {
    let firstIndex = 0;
    for (const client of this.#options.clients) {
      this.#polled.set(client.device.id, this.#build(client, firstIndex));
      firstIndex += client.device.type.samples.length;
    }
    for (const { poller } of this.#polled.values()) poller.start();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const { poller } of this.#polled.values()) poller.stop();
    await this.#options.telemetry.drained();
    await this.#options.outlet.drained();
  }

  /** The outcome of a command, which tells about the device as a poll does. */
  noteOutcome(device: string, outcome: 'ok' | ErrorCode, facts?: FaultFacts): void {
    this.#polled.get(device)?.poller.noteOutcome(outcome, facts);
  }

  /** Looks for the devices that this bus has lost since then, without waiting for the end of their pauses. */
  busIsBack(bus: string, lostSinceMs: number): void {
    for (const { poller } of this.#polled.values()) if (poller.bus === bus) poller.busIsBack(lostSinceMs);
  }

  /** Its devices are identified and set up again before they are read. */
  busWasReset(bus: string): void {
    for (const { poller } of this.#polled.values()) if (poller.bus === bus) poller.busWasReset();
  }

  health(): Readonly<Record<string, DeviceHealth>> {
    return Object.fromEntries([...this.#polled].map(([id, polled]) => [id, healthOf(polled)]));
  }

  /** What the retained topics say, of every device by its id. */
  said(): ReadonlyMap<string, DeviceSaid> {
    return new Map([...this.#polled].map(([id, { publisher }]) => [id, publisher.said]));
  }

  /** Leaves a device alone for a time. Returns when it ends, in epoch ms. Throws unknown_device. */
  pause(device: string, forMs: number): number {
    this.#known(device).pause(forMs);
    return this.#options.clock.now() + forMs;
  }

  /** Whether it was paused. Throws unknown_device. */
  resume(device: string): boolean {
    return this.#known(device).resume();
  }

  #known(device: string): DevicePoller {
    const polled = this.#polled.get(device);
    if (polled !== undefined) return polled.poller;
    throw new GatewayError('unknown_device', `No device ${device.slice(0, 64)} is configured.`);
  }

  #build(client: DeviceClient, firstIndex: number): Polled {
    const { device } = client;
    const { clock, alarms } = this.#options;
    const log = this.#options.log.child({ device: device.id });
    const publisher = new DevicePublisher({ ...this.#options, device });
    publisher.meta();
    const poller: DevicePoller = new DevicePoller({
      client,
      ...{ clock, log, firstIndex },
      grid: this.#grid,
      turns: this.#turnsOf(device.bus),
      busyMs: () => this.#options.busyMsOf(device.id),
      setUp: (refuse) => this.#setUp(client, refuse),
      onFound: () => {
        this.#options.onFound(device.id);
      },
      circumstances: { breaksStretching: this.#options.breaksStretching(device.bus) },
      whoAnswers: (seen) => this.#whoAnswers(seen),
      onReading: (reading, sample) => {
        publisher.reading(reading, sample);
        alarms?.reading(device.id, reading.values);
      },
      onAvailability: (after, before) => {
        logChange(log, after, before);
        publisher.availability(after, poller.pausedUntil);
        alarms?.availability(device.id, after.state);
      },
      onPause: () => {
        const until = poller.pausedUntil;
        log.info({ until }, until === undefined ? 'polling goes on' : 'polling is paused by request');
        publisher.pause(poller.availability, until);
        alarms?.pause(device.id, until !== undefined, poller.availability.state);
      },
    });
    return { poller, publisher };
  }

  #turnsOf(bus: string): ProbeTurns {
    const turns = this.#turns.get(bus) ?? new ProbeTurns(this.#options.clock);
    this.#turns.set(bus, turns);
    return turns;
  }

  /** In their order, up to the first that fails. */
  async #setUp(client: DeviceClient, refuse: () => Error | undefined): Promise<void> {
    for (const write of client.device.type.onConnect) {
      const refusal = refuse();
      if (refusal !== undefined) throw refusal;
      await this.#options.setUp(client, write, refuse);
    }
  }

  #whoAnswers(seen: Uint8Array): string {
    const types = this.#options.clients.map(({ device }) => device.type);
    const names = typesAnswering(seen, types);
    return names.length === 0 ? '' : ` That is what the type ${names.join(' or ')} answers.`;
  }
}

function healthOf({ poller, publisher }: Polled): DeviceHealth {
  const { availability, pausedUntil } = poller;
  const paused = pausedUntil === undefined ? {} : { pausedUntil };
  return { ...poller.counts(), unchanged: publisher.unchanged, ...paused, availability };
}

function logChange(log: Log, after: Availability, before: Availability): void {
  const facts = {
    from: before.state,
    to: after.state,
    code: after.reason,
    hint: after.hint,
    inStateMs: after.since - before.since,
  };
  if (after.state === 'online') log.info(facts, `device is online`);
  else log.warn(facts, `device is ${after.state}${after.message === undefined ? '' : `: ${after.message}`}`);
}
