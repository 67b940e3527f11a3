// What the outcomes of one device's transactions say of it: counted by cause, explained, and summed up as availability.
import { defined } from '../../shared/config/defined.js';
import type { SampleSpec } from '../../shared/device-type.js';
import { asGatewayError, type ErrorCode, type GatewayError } from '../../shared/errors.js';
import type { Clock, Log } from '../../shared/ports.js';
import {
  AvailabilityTracker,
  tellsAboutDevice,
  type Availability,
  type Explanation,
} from './availability.js';
import type { Reading } from './reader.js';
import { FaultLog, type FaultFacts } from './fault-log.js';
import { hintFor, type Circumstances } from './hints.js';

export type Outcome = 'ok' | ErrorCode;

export interface DeviceVerdictOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly circumstances: Circumstances;
  /** What else is known of a wrong identity: the type that answers so. */
  readonly whoAnswers: (seen: Uint8Array) => string;
  readonly onAvailability: (availability: Availability, before: Availability) => void;
}

export interface VerdictCounts {
  readonly failures: number;
  /** By cause: of whole transactions, and of single fields. */
  readonly faults: ReturnType<FaultLog['report']>;
}

export class DeviceVerdict {
  readonly #options: DeviceVerdictOptions;
  readonly #tracker: AvailabilityTracker;
  readonly #faults = new FaultLog();
  #failures = 0;

  constructor(options: DeviceVerdictOptions) {
    this.#options = options;
    this.#tracker = new AvailabilityTracker(options.clock.now());
  }

  get availability(): Availability {
    return this.#tracker.current;
  }

  counts(): VerdictCounts {
    return { failures: this.#failures, faults: this.#faults.report() };
  }

  /** A reading has come; it may not be believed, as a whole or in some fields. */
  reading({ fault, errors, raw }: Reading, sample: SampleSpec): Outcome {
    if (fault !== undefined) {
      this.#sayFault(fault, sample);
      return this.outcome(fault.code, { seen: raw, message: fault.message }, sample);
    }
    this.#noteFields(errors, raw);
    this.#record('ok', {}, sample);
    return 'ok';
  }

  /** A transaction has failed; the read of a sample, where one is named. */
  failure(thrown: unknown, what: string, sample?: SampleSpec): Outcome {
    const { log, whoAnswers } = this.#options;
    const error = asGatewayError(thrown);
    const { code, message, seen } = error;
    const facts = { code, err: error };
    if (code === 'internal') log.error(facts, what);
    else log.debug(facts, what);
    const named = code === 'wrong_identity' && seen !== undefined ? whoAnswers(seen) : '';
    return this.outcome(code, { seen, message: `${message}${named}` }, sample);
  }

  /** An outcome with what is known of it. What doesn't tell about the device is passed over. */
  outcome(outcome: Outcome, { seen, message }: FaultFacts = {}, sample?: SampleSpec): Outcome {
    if (!tellsAboutDevice(outcome)) return outcome;
    const { clock, circumstances } = this.#options;
    const hint = outcome === 'ok' ? undefined : hintFor(outcome, seen, circumstances);
    this.#faults.note(outcome === 'ok' ? [] : [outcome], clock.now(), () => ({ seen, message, hint }));
    this.#record(outcome, defined({ message, hint }), sample);
    return outcome;
  }

  /** The device is well, and some of its fields are not believed. */
  #noteFields(errors: Reading['errors'], seen: Uint8Array): void {
    const { clock, circumstances } = this.#options;
    const codes = [...new Set(Object.values(errors))].filter((code) => code !== 'no_value');
    this.#faults.note(codes, clock.now(), (code) => {
      const fields = Object.keys(errors).filter((field) => errors[field] === code);
      return { seen, message: fields.join(', '), hint: hintFor(code, seen, circumstances) };
    });
  }

  /** Once when it begins: a device may do it a thousand times an hour. */
  #sayFault({ code, message }: GatewayError, sample: SampleSpec): void {
    if (!this.#tracker.isBad(sample)) this.#options.log.warn({ code }, `a reply is not believed: ${message}`);
  }

  #record(outcome: Outcome, why: Explanation, sample: SampleSpec | undefined): void {
    if (outcome !== 'ok') this.#failures += 1;
    const before = this.availability;
    const after = this.#tracker.record(outcome, this.#options.clock.now(), why, sample);
    if (after !== undefined) this.#options.onAvailability(after, before);
  }
}
