// The life of one device: found, read on schedule, lost, probed with growing pauses, found again (DESIGN promise 4).
import type { SampleSpec } from '../shared/device-type.js';
import { asGatewayError, type ErrorCode, type GatewayError } from '../shared/errors.js';
import type { Clock, Log } from '../shared/ports.js';
import { AvailabilityTracker, type Availability } from './availability.js';
import type { DeviceClient, Reading } from './device-client.js';
import { spreadPhaseMs, Ticker } from './ticker.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface DevicePollerOptions {
  readonly client: DeviceClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Where this device's first schedule lies among all schedules: spreads the phases. */
  readonly firstIndex: number;
  readonly onReading: (reading: Reading) => void;
  readonly onAvailability: (availability: Availability, before: Availability) => void;
}

export interface PollCounts {
  readonly polls: number;
  readonly failures: number;
  /** Reads that came due while the one before still waited or ran, or while the process slept. */
  readonly missed: number;
  readonly probes: number;
  /** Failures by code. */
  readonly byCode: Readonly<Partial<Record<ErrorCode, number>>>;
}

export class DevicePoller {
  readonly #options: DevicePollerOptions;
  readonly #availability: AvailabilityTracker;
  readonly #tickers: readonly Ticker[];
  readonly #pending = new Set<SampleSpec>();
  readonly #counts = { polls: 0, failures: 0, missed: 0, probes: 0 };
  readonly #byCode: Partial<Record<ErrorCode, number>> = {};
  #pauseMs = FIRST_PAUSE_MS;
  #cancelProbe: (() => void) | undefined;
  #probing = false;
  #stopped = false;

  constructor(options: DevicePollerOptions) {
    this.#options = options;
    const { clock, client, firstIndex } = options;
    this.#availability = new AvailabilityTracker(clock.now());
    this.#tickers = client.device.type.samples.map(
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
    return this.#availability.current;
  }

  counts(): PollCounts {
    return { ...this.#counts, byCode: { ...this.#byCode } };
  }

  start(): void {
    for (const ticker of this.#tickers) ticker.start();
    this.#probe();
  }

  stop(): void {
    this.#stopped = true;
    for (const ticker of this.#tickers) ticker.stop();
    this.#cancelProbe?.();
  }

  /** The outcome of a command to this device: it tells as much as a poll does. */
  noteOutcome(outcome: 'ok' | ErrorCode): void {
    // A device that was away must be identified before it is believed: the probe does that, now.
    if (outcome === 'ok' && this.#isAway && this.#canProbe) this.#probe();
    else this.#record(outcome);
  }

  /** A type without identity and samples offers nothing to ask for: only its commands tell whether it is there. */
  get #canProbe(): boolean {
    const { identify, samples } = this.#options.client.device.type;
    return identify !== undefined || samples.length > 0;
  }

  get #isAway(): boolean {
    const { state } = this.#availability.current;
    return state === 'unknown' || state === 'offline';
  }

  #onTick(sample: SampleSpec, skipped: number): void {
    if (this.#isAway) return;
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
      const reading = await this.#options.client.read(sample);
      // Nobody takes it any more: the recorder refuses and the broker closes.
      if (this.#stopped) return;
      this.#options.onReading(reading);
      if (reading.fault !== undefined) this.#sayFault(reading.fault);
      this.#record(reading.fault?.code ?? 'ok');
    } catch (thrown) {
      this.#fail(thrown, 'poll failed');
    }
  }

  /** Once when it begins: which bytes or which status it was is in no other place. */
  #sayFault(fault: GatewayError): void {
    if (this.#availability.current.reason === fault.code) return;
    this.#options.log.warn({ code: fault.code }, `a reply is not believed: ${fault.message}`);
  }

  /** Looks whether the device is there and is the right one; tries again by itself until it is. */
  #probe(): void {
    if (this.#stopped || this.#probing || !this.#canProbe) return;
    this.#cancelProbe?.();
    this.#probing = true;
    this.#counts.probes += 1;
    void this.#contact().finally(() => {
      this.#probing = false;
      if (this.#isAway) this.#probeLater();
    });
  }

  async #contact(): Promise<void> {
    const { client } = this.#options;
    const [firstSample] = client.device.type.samples;
    try {
      await client.identify();
      // Without an identity to ask for, the first read is the proof of life.
      if (client.device.type.identify === undefined) {
        if (firstSample !== undefined) await this.#poll(firstSample);
        return;
      }
      this.#record('ok');
      // An interval may be an hour: who just came back is read now, not only when its time comes.
      for (const sample of client.device.type.samples) if (!this.#pending.has(sample)) this.#begin(sample);
    } catch (thrown) {
      this.#fail(thrown, 'probe failed');
    }
  }

  #probeLater(): void {
    if (this.#stopped) return;
    this.#cancelProbe?.();
    this.#cancelProbe = this.#options.clock.after(this.#pauseMs, () => {
      this.#probe();
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #fail(thrown: unknown, what: string): void {
    const error = asGatewayError(thrown);
    this.#options.log.debug({ code: error.code, err: error }, what);
    this.#record(error.code);
  }

  #record(outcome: 'ok' | ErrorCode): void {
    if (this.#stopped) return;
    if (outcome !== 'ok') {
      this.#counts.failures += 1;
      this.#byCode[outcome] = (this.#byCode[outcome] ?? 0) + 1;
    }
    const before = this.#availability.current;
    const after = this.#availability.record(outcome, this.#options.clock.now());
    if (after === undefined) return;
    if (after.state === 'online') this.#pauseMs = FIRST_PAUSE_MS;
    this.#options.onAvailability(after, before);
    if (after.state === 'offline' && before.state !== 'offline' && !this.#probing) this.#probeLater();
  }
}
