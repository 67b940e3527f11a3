// The life of one device: found, identified, set up, read on schedule, lost, looked for, found again.
import type { SampleSpec } from '../../shared/device-type.js';
import { asGatewayError } from '../../shared/errors.js';
import { tellsAboutDevice, type Availability } from '../device/availability.js';
import type { DeviceClient } from '../device/client.js';
import type { Reading } from '../device/reader.js';
import { DeviceContact } from '../device/contact.js';
import {
  DeviceVerdict,
  type DeviceVerdictOptions,
  type Outcome,
  type VerdictCounts,
} from '../device/verdict.js';
import type { FaultFacts } from '../device/fault-log.js';
import { IdentityDoubt } from '../device/identity-doubt.js';
import { SetUpAgain, tellsOfSetUp } from '../device/set-up-again.js';
import type { Errand, Presence } from '../device/presence.js';
import { PollPause } from './poll-pause.js';
import type { ProbeTurns } from '../device/probe-turns.js';
import { gridMsFor, type GridClock } from '../time/grid.js';
import { spreadPhaseMs, Ticker } from '../time/ticker.js';

const FIRST_PAUSE_MS = 1000;

/**
 * A busy AVR stretches the clock: who does not acknowledge is absent, in reset or deaf, and who stretches it for
 * ever hangs. Either has lost what it was told, and is not read again before it was identified and set up.
 */
const ABSENCE: ReadonlySet<Outcome> = new Set<Outcome>(['no_ack', 'timeout']);

export interface DevicePollerOptions extends DeviceVerdictOptions {
  readonly client: DeviceClient;
  /** For its schedules. */
  readonly grid: GridClock;
  /** Those of the device's bus. */
  readonly turns: ProbeTurns;
  /** How long the device has had the wire so far. */
  readonly busyMs: () => number;
  /** Where this device's first schedule lies among all schedules: spreads the phases. */
  readonly firstIndex: number;
  /** Makes its on_connect writes, after it was identified, as long as `refuse` says nothing. Rejects with the first that failed. */
  readonly setUp: (refuse: () => Error | undefined) => Promise<void>;
  /** It was found and set up. */
  readonly onFound: () => void;
  readonly onReading: (reading: Reading, sample: SampleSpec) => void;
  /** A pause began or ended. */
  readonly onPause: () => void;
}

export interface PollCounts extends VerdictCounts {
  readonly polls: number;
  /** Reads that came due while the one before still waited or ran, while the process slept, or that the bus had no turn for. */
  readonly missed: number;
  readonly probes: number;
}

export class DevicePoller {
  readonly #options: DevicePollerOptions;
  readonly #verdict: DeviceVerdict;
  readonly #tickers: readonly Ticker[];
  readonly #contact: DeviceContact;
  readonly #pending = new Set<SampleSpec>();
  readonly #pause: PollPause;
  readonly #doubt = new IdentityDoubt();
  readonly #setUpAgain: SetUpAgain;
  /** Asked when the turn on the bus comes: it may have been paused or lost meanwhile. */
  readonly #refusal: Readonly<Record<Extract<Errand, 'poll' | 'probe'>, () => Error | undefined>> = {
    poll: () => this.#presence.refusal('poll'),
    probe: () => this.#presence.refusal('probe'),
  };
  readonly #counts = { polls: 0, missed: 0, probes: 0 };
  /** What may be done with it now. */
  readonly #presence: Presence;
  /** When it was there last, for all that is known. */
  #lostMs: number;

  constructor(options: DevicePollerOptions) {
    this.#options = options;
    const { clock, grid, client, firstIndex, turns, busyMs } = options;
    const { samples } = client.device.type;
    this.#presence = client.presence;
    this.#verdict = new DeviceVerdict(options);
    this.#lostMs = clock.monotonicMs();
    this.#pause = new PollPause(clock, () => {
      this.#onPauseOver();
    });
    this.#setUpAgain = new SetUpAgain(clock, () => this.#afterReset());
    this.#contact = new DeviceContact({
      ...{ clock, turns, busyMs },
      presence: this.#presence,
      firstPauseMs: Math.min(FIRST_PAUSE_MS, ...samples.map(({ everyMs }) => everyMs)),
      look: () => this.#look(),
    });
    this.#tickers = samples.map(
      (sample, index) =>
        new Ticker({
          clock,
          everyMs: sample.everyMs,
          after: (delayMs, callback) => grid.after(delayMs, gridMsFor(sample.everyMs), callback),
          phaseMs: spreadPhaseMs(firstIndex + index, sample.everyMs),
          onTick: (skipped) => {
            this.#onTick(sample, skipped);
          },
        }),
    );
  }

  get availability(): Availability {
    return this.#verdict.availability;
  }

  get bus(): string {
    return this.#options.client.device.bus;
  }

  get pausedUntil(): number | undefined {
    return this.#pause.until;
  }

  /** Neither reads nor looks for it until the time is over; commands still run. */
  pause(forMs: number): void {
    if (!this.#presence.take('pause')) return;
    this.#pause.begin(forMs);
    this.#contact.rest();
    this.#options.onPause();
  }

  /** Whether it was paused. */
  resume(): boolean {
    return this.#pause.end();
  }

  counts(): PollCounts {
    return { ...this.#counts, ...this.#verdict.counts() };
  }

  start(): void {
    for (const ticker of this.#tickers) ticker.start();
    if (this.#canLook) {
      this.#presence.take('seek');
      this.#contact.now();
    } else if (this.#presence.take('assume')) this.#options.onFound();
  }

  /** For good. Milliseconds that were left of a pause. */
  stop(): number {
    this.#presence.take('stop');
    for (const ticker of this.#tickers) ticker.stop();
    this.#contact.rest();
    return this.#pause.stop();
  }

  /** Its bus has come back: who was lost with it (or never found since) is looked for now; who was dead before waits on. */
  busIsBack(lostSinceMs: number): void {
    if (this.#presence.may('probe') && this.#lostMs >= lostSinceMs) this.#contact.again();
  }

  /** Its bus was reset, maybe by its power: it may have lost what it was told. */
  busWasReset(): void {
    const wasThere = this.#presence.heeds === 'all';
    if (!this.#presence.take('reset')) return;
    if (wasThere) this.#gone(true);
    else this.#contact.again();
  }

  /** The outcome of a command to this device: it tells as much as a poll does. */
  noteOutcome(outcome: Outcome, facts?: FaultFacts): void {
    const { heeds } = this.#presence;
    // A device that was away must be identified and set up before it is believed: that is done now.
    if (outcome === 'ok' && heeds !== 'all') this.#contact.now();
    else if (heeds !== 'nothing') this.#heed(this.#verdict.outcome(outcome, facts));
  }

  /** A type without identity, set-up and samples offers nothing to ask for: only its commands tell whether it is there. */
  get #canLook(): boolean {
    const { identify, samples, onConnect } = this.#options.client.device.type;
    return identify !== undefined || samples.length > 0 || onConnect.length > 0;
  }

  #onTick(sample: SampleSpec, skipped: number): void {
    if (!this.#presence.may('poll')) return;
    this.#counts.missed += skipped;
    if (this.#pending.has(sample)) this.#counts.missed += 1;
    else this.#begin(sample);
  }

  #begin(sample: SampleSpec): void {
    this.#pending.add(sample);
    void this.#poll(sample).finally(() => this.#pending.delete(sample));
  }

  /** Never rejects: every outcome is recorded. */
  async #poll(sample: SampleSpec): Promise<void> {
    this.#counts.polls += 1;
    try {
      this.#take(await this.#options.client.read(sample, this.#refusal.poll), sample);
    } catch (thrown) {
      const error = asGatewayError(thrown);
      // Who is paused or lost by now was not missed.
      if (!tellsAboutDevice(error.code) && this.#presence.may('poll')) this.#counts.missed += 1;
      this.#fail(error, 'poll failed', sample);
    }
  }

  #take(reading: Reading, sample: SampleSpec): void {
    // Nobody takes it any more (the recorder refuses and the broker closes), or it is of a device that has gone since.
    if (this.#presence.heeds !== 'all') return;
    this.#options.onReading(reading, sample);
    const outcome = this.#verdict.reading(reading, sample);
    this.#heed(outcome);
    if (this.#doubt.note(outcome, sample)) void this.#askAgain();
    if (tellsOfSetUp(sample)) this.#setUpAgain.note(outcome, sample);
  }

  /** It says itself that it has lost what it was told. Never rejects. */
  async #afterReset(): Promise<void> {
    const { client, setUp, log } = this.#options;
    log.warn({ code: 'set_up_lost' }, 'the device has lost its set-up, and is set up again');
    try {
      await client.learn(this.#refusal.poll);
      if (this.#presence.may('poll')) await setUp(this.#refusal.poll);
    } catch (thrown) {
      this.#fail(thrown, 'setting up again failed');
    }
  }

  /** Whether it still is who it was. Only a stranger is told: that it is the right one makes no wrong byte right. */
  async #askAgain(): Promise<void> {
    try {
      await this.#options.client.identify(this.#refusal.poll);
    } catch (thrown) {
      if (asGatewayError(thrown).code === 'wrong_identity' && this.#presence.heeds === 'all')
        this.#fail(thrown, 'another device');
    }
  }

  /** Looks whether the device is there and is the right one, and sets it up. Resolves with whether all was answered; never rejects. */
  async #look(): Promise<boolean> {
    const { client, setUp } = this.#options;
    this.#counts.probes += 1;
    try {
      await client.identify(this.#refusal.probe);
      if (this.#presence.may('probe')) await client.learn(this.#refusal.probe);
      if (this.#presence.may('probe')) await setUp(this.#refusal.probe);
      if (this.#presence.may('probe')) await this.#welcome();
      return true;
    } catch (thrown) {
      const { heeds } = this.#presence;
      if (heeds !== 'nothing') this.#verdict.failure(thrown, 'probe failed');
      return !tellsAboutDevice(asGatewayError(thrown).code);
    }
  }

  /** An interval may be an hour: who just came (back) is read now, not only when its time comes. */
  async #welcome(): Promise<void> {
    const { client } = this.#options;
    const { identify, onConnect, samples } = client.device.type;
    const [first, ...others] = samples;
    // Where nothing else was asked, the first read is the proof of life.
    const unproved = identify === undefined && onConnect.length === 0 ? first : undefined;
    if (unproved !== undefined) this.#counts.polls += 1;
    const proof = unproved === undefined ? undefined : await client.read(unproved, this.#refusal.probe);
    if (!this.#presence.take('found')) return;
    this.#options.onFound();
    if (proof === undefined || unproved === undefined) this.#heed(this.#verdict.outcome('ok'));
    else this.#take(proof, unproved);
    const unread = unproved === undefined ? samples : others;
    for (const sample of unread) if (!this.#pending.has(sample)) this.#begin(sample);
  }

  #fail(thrown: unknown, what: string, sample?: SampleSpec): void {
    if (this.#presence.heeds !== 'nothing') this.#heed(this.#verdict.failure(thrown, what, sample));
  }

  #onPauseOver(): void {
    if (this.#presence.heeds === 'all') this.#lostMs = this.#options.clock.monotonicMs();
    this.#presence.take('pause_over');
    this.#options.onPause();
    this.#contact.again();
  }

  #heed(outcome: Outcome): void {
    const wasThere = this.#presence.heeds === 'all';
    const isGone = ABSENCE.has(outcome) || (wasThere && this.availability.state === 'offline');
    if (isGone && this.#presence.take('lost') && wasThere) this.#gone(outcome === 'no_ack');
  }

  /** `isCheap`: looking for it in vain costs the bus no time to speak of. */
  #gone(isCheap: boolean): void {
    this.#lostMs = this.#options.clock.monotonicMs();
    this.#contact.soon(isCheap);
  }
}
