// All devices on their schedules: readings and availability to their topics, one line in the log a change.
import type { Device, PlannedWrite } from '../../shared/device-type.js';
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
import { isAtOnePlace, same } from '../reload/same.js';
import type { OwnTelemetry } from '../recording/own-telemetry.js';
import type { DeviceSaid } from './said.js';
import { Sequences } from './sequences.js';
import { GridClock } from '../time/grid.js';
import { ProbeTurns } from '../device/probe-turns.js';
import type { Stamp } from '../recording/time-keeper.js';

export interface PollerOptions {
  /** In the order of the configuration; may change while it runs, with `join` and `leave`. */
  readonly clients: ReadonlyMap<string, DeviceClient>;
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

/** What is known of a device that is left, for whoever asks it next. */
export interface Left {
  readonly device: Device;
  /** It was identified and set up, and never found absent since. */
  readonly isSetUp: boolean;
  /** What was left of a pause. */
  readonly pausedMs: number;
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
  readonly #sequences = new Sequences();
  readonly #grid: GridClock;
  /** Schedules so far: spreads their phases. */
  #schedules = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#grid = new GridClock(options.clock);
  }

  start(): Promise<void> {
    for (const client of this.#options.clients.values())
      this.#polled.set(client.device.id, this.#build(client));
    for (const { poller } of this.#polled.values()) poller.start();
    return Promise.resolve();
  }

  /** The device of a client that is new. `left`: what `leave` told of it, where it was only described anew. */
  join(client: DeviceClient, left?: Left): void {
    const polled = this.#build(client, left !== undefined && isStillSetUp(left, client.device));
    this.#polled.set(client.device.id, polled);
    polled.poller.start();
    if (left !== undefined && left.pausedMs > 0) polled.poller.pause(left.pausedMs);
  }

  /** It is neither read nor looked for any more. */
  leave({ device, presence }: DeviceClient): Left | undefined {
    const polled = this.#polled.get(device.id);
    if (polled === undefined) return undefined;
    const isSetUp = presence.may('poll');
    const pausedMs = polled.poller.stop();
    this.#sequences.keep(device.id, polled.publisher.nextSeq);
    this.#polled.delete(device.id);
    return { device, isSetUp, pausedMs };
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
    return Object.fromEntries(this.#inOrder().map(([id, polled]) => [id, healthOf(polled)]));
  }

  /** What the retained topics say, of every device by its id. */
  said(): ReadonlyMap<string, DeviceSaid> {
    return new Map(this.#inOrder().map(([id, { publisher }]) => [id, publisher.said]));
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

  #inOrder(): readonly (readonly [string, Polled])[] {
    return [...this.#options.clients.keys()].flatMap((id) => {
      const polled = this.#polled.get(id);
      return polled === undefined ? [] : [[id, polled] as const];
    });
  }

  #known(device: string): DevicePoller {
    const polled = this.#polled.get(device);
    if (polled !== undefined) return polled.poller;
    throw new GatewayError('unknown_device', `No device ${device.slice(0, 64)} is configured.`);
  }

  /** `isSetUp`: it need not be told again what it was told, unless the first look says otherwise. */
  #build(client: DeviceClient, isSetUp = false): Polled {
    const { device } = client;
    const { clock, alarms } = this.#options;
    const firstIndex = this.#schedules;
    this.#schedules += device.type.samples.length;
    const log = this.#options.log.child({ device: device.id });
    const firstSeq = this.#sequences.first(device.id);
    const publisher = new DevicePublisher({ ...this.#options, device, firstSeq });
    publisher.meta();
    let isTold = isSetUp;
    const poller: DevicePoller = new DevicePoller({
      client,
      ...{ clock, log, firstIndex },
      grid: this.#grid,
      turns: this.#turnsOf(device.bus),
      busyMs: () => this.#options.busyMsOf(device.id),
      setUp: (refuse) => {
        const isLeftOut = isTold && poller.counts().probes === 1;
        isTold = false;
        return isLeftOut ? Promise.resolve() : this.#setUp(client, refuse);
      },
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
    const types = [...this.#options.clients.values()].map(({ device }) => device.type);
    const names = typesAnswering(seen, types);
    return names.length === 0 ? '' : ` That is what the type ${names.join(' or ')} answers.`;
  }
}

/** It is the same thing, and would be told the same. */
function isStillSetUp({ isSetUp, device }: Left, next: Device): boolean {
  const asks = ({ type }: Device): unknown => [type.identify, type.onConnect];
  return isSetUp && isAtOnePlace(device, next) && same(asks(device), asks(next));
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
