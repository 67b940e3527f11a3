// The life of one device: found, identified, set up, read on schedule, lost, looked for, found again (DESIGN promise 4).
import type { SampleSpec } from '../shared/device-type.js';
import { asGatewayError } from '../shared/errors.js';
import { tellsAboutDevice, type Availability } from './availability.js';
import type { DeviceClient, Reading } from './device-client.js';
import { DeviceContact } from './device-contact.js';
import {
  DeviceVerdict,
  type DeviceVerdictOptions,
  type Outcome,
  type VerdictCounts,
} from './device-verdict.js';
import type { FaultFacts } from './fault-log.js';
import { IdentityDoubt } from './identity-doubt.js';
import { PollPause } from './poll-pause.js';
import type { ProbeTurns } from './probe-turns.js';
import { spreadPhaseMs, Ticker } from './ticker.js';

const FIRST_PAUSE_MS = 1000;

/**
 * A busy AVR stretches the clock: who does not acknowledge is absent, in reset or deaf, and who stretches it for
 * ever hangs. Either has lost what it was told, and is not read again before it was identified and set up.
 */
const ABSENCE: ReadonlySet<Outcome> = new Set<Outcome>(['no_ack', 'timeout']);

export interface DevicePollerOptions extends DeviceVerdictOptions {
  readonly client: DeviceClient;
  /** Those of the device's bus. */
  readonly turns: ProbeTurns;
  /** How long the device has had the wire so far. */
  readonly busyMs: () => number;
  /** Where this device's first schedule lies among all schedules: spreads the phases. */
  readonly firstIndex: number;
  /** Makes its on_connect writes, after it was identified. Rejects with the first that failed. */
  readonly setUp: () => Promise<void>;
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
  readonly #counts = { polls: 0, missed: 0, probes: 0 };
  /** Identified and set up, and since then never found absent: only then is it read. */
  #isSetUp = false;
  #lostMs: number;
  #stopped = false;

  constructor(options: DevicePollerOptions) {
    this.#options = options;
    const { clock, client, firstIndex, turns, busyMs } = options;
    const { samples } = client.device.type;
    this.#verdict = new DeviceVerdict(options);
    this.#lostMs = clock.monotonicMs();
    this.#pause = new PollPause(clock, () => {
      this.#onPauseOver();
    });
    this.#contact = new DeviceContact({
      clock,
      turns,
      busyMs,
      firstPauseMs: Math.min(FIRST_PAUSE_MS, ...samples.map(({ everyMs }) => everyMs)),
      look: () => this.#look(),
    });
    this.#tickers = samples.map(
      (sample, index) =>
        new Ticker({
          clock,
          everyMs: sample.everyMs,
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

  /** Who can't be looked for is taken to be there. */
  get isAway(): boolean {
    return !this.#isSetUp && this.#canLook;
  }

  /** Epoch ms; undefined where it is not paused. */
  get pausedUntil(): number | undefined {
    return this.#pause.until;
  }

  /** Neither reads nor looks for it until the time is over; commands still run. */
  pause(forMs: number): void {
    this.#pause.begin(forMs);
    this.#contact.pause();
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
    if (this.#canLook) this.#contact.now();
    else this.#options.onFound();
  }

  stop(): void {
    this.#stopped = true;
    for (const ticker of this.#tickers) ticker.stop();
    this.#contact.stop();
    this.#pause.stop();
  }

  /** Its bus has come back: who was lost with it (or never found since) is looked for now; who was dead before waits on. */
  busIsBack(lostSinceMs: number): void {
    if (this.isAway && this.pausedUntil === undefined && this.#lostMs >= lostSinceMs) this.#contact.again();
  }

  /** Its bus was reset, maybe by its power: it may have lost what it was told. */
  busWasReset(): void {
    if (this.#isSetUp && !this.#stopped) this.#lose(true);
  }

  /** The outcome of a command to this device: it tells as much as a poll does. */
  noteOutcome(outcome: Outcome, facts?: FaultFacts): void {
    // A device that was away must be identified and set up before it is believed: that is done now.
    if (outcome === 'ok' && this.isAway) {
      if (this.pausedUntil === undefined) this.#contact.now();
    } else if (!this.#stopped) this.#heed(this.#verdict.outcome(outcome, facts));
  }

  /** A type without identity, set-up and samples offers nothing to ask for: only its commands tell whether it is there. */
  get #canLook(): boolean {
    const { identify, samples, onConnect } = this.#options.client.device.type;
    return identify !== undefined || samples.length > 0 || onConnect.length > 0;
  }

  #onTick(sample: SampleSpec, skipped: number): void {
    if (!this.#isSetUp || this.pausedUntil !== undefined) return;
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
      this.#take(await this.#options.client.read(sample), sample);
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (!tellsAboutDevice(error.code)) this.#counts.missed += 1;
      this.#fail(error, 'poll failed');
    }
  }

  #take(reading: Reading, sample: SampleSpec): void {
    // Nobody takes it any more (the recorder refuses and the broker closes), or it is of a device that has gone since.
    if (this.#stopped || !this.#isSetUp) return;
    this.#options.onReading(reading, sample);
    const outcome = this.#verdict.reading(reading);
    this.#heed(outcome);
    if (this.#doubt.note(outcome)) void this.#askAgain();
  }

  /** Whether it still is who it was. Only a stranger is told: that it is the right one makes no wrong byte right. */
  async #askAgain(): Promise<void> {
    try {
      await this.#options.client.identify();
    } catch (thrown) {
      if (asGatewayError(thrown).code === 'wrong_identity' && this.#isSetUp)
        this.#fail(thrown, 'another device');
    }
  }

  /** Looks whether the device is there and is the right one, and sets it up. Never rejects. */
  async #look(): Promise<boolean> {
    const { client, setUp } = this.#options;
    this.#counts.probes += 1;
    try {
      await client.identify();
      await setUp();
      await this.#welcome();
    } catch (thrown) {
      this.#fail(thrown, 'probe failed');
    }
    return this.#isSetUp;
  }

  /** An interval may be an hour: who just came (back) is read now, not only when its time comes. */
  async #welcome(): Promise<void> {
    const { client } = this.#options;
    const { identify, onConnect, samples } = client.device.type;
    const [first, ...others] = samples;
    // Where nothing else was asked, the first read is the proof of life.
    const unproved = identify === undefined && onConnect.length === 0 ? first : undefined;
    if (unproved !== undefined) this.#counts.polls += 1;
    const proof = unproved === undefined ? undefined : await client.read(unproved);
    if (this.#stopped) return;
    this.#isSetUp = true;
    this.#options.onFound();
    if (proof === undefined || unproved === undefined) this.#heed(this.#verdict.outcome('ok'));
    else this.#take(proof, unproved);
    const unread = unproved === undefined ? samples : others;
    for (const sample of unread) if (!this.#pending.has(sample)) this.#begin(sample);
  }

  #fail(thrown: unknown, what: string): void {
    if (!this.#stopped) this.#heed(this.#verdict.failure(thrown, what));
  }

  /** Who was left alone may have been flashed or exchanged meanwhile. */
  #onPauseOver(): void {
    this.#isSetUp = false;
    this.#options.onPause();
    if (this.#canLook) this.#contact.now();
  }

  #heed(outcome: Outcome): void {
    const isGone = ABSENCE.has(outcome) || this.availability.state === 'offline';
    if (isGone && this.#isSetUp) this.#lose(outcome === 'no_ack');
  }

  /** `isCheap`: looking for it in vain costs the bus no time to speak of. */
  #lose(isCheap: boolean): void {
    this.#isSetUp = false;
    this.#lostMs = this.#options.clock.monotonicMs();
    if (this.#canLook) this.#contact.soon(isCheap);
  }
}
