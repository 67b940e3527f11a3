// Is a device there? Told from the outcomes of its transactions, not from a guess.
import type { ErrorCode } from '../../shared/errors.js';

export type AvailabilityState = 'unknown' | 'online' | 'degraded' | 'offline';

export interface Availability {
  readonly state: AvailabilityState;
  /** Epoch ms of the last change of state. */
  readonly since: number;
  readonly reason: ErrorCode | null;
  /** The sentence to the reason, as it was when the state came. */
  readonly message?: string;
  /** What is probably wrong. */
  readonly hint?: string;
}

export type Explanation = Pick<Availability, 'message' | 'hint'>;

/** The device was not heard at all. */
const SILENCE: ReadonlySet<ErrorCode> = new Set([
  'no_ack',
  'timeout',
  'bus_fault',
  'bus_unavailable',
  'address_claimed',
  'unsupported',
]);
/** The device was heard, and what it said is not believed. */
const NONSENSE: ReadonlySet<ErrorCode> = new Set([
  'checksum',
  'wrong_echo',
  'wrong_frame',
  'device_busy',
  'device_error',
  'set_up_lost',
  'stale',
  'empty_reply',
  'short_reply',
  'verify_failed',
]);

/** One lost transaction happens on any bus; so many in a row mean that the device is gone. */
const SILENT_BEFORE_OFFLINE = 3;
/** A time-out has had the patience of a thousand lost bytes, and held up the whole bus: two in a row suffice. */
const WEIGHT_OF_TIMEOUT = 1.5;

/** Whether an outcome tells about the device at all: a full queue, a closing bus or a wrong argument does not. */
export function tellsAboutDevice(outcome: 'ok' | ErrorCode): boolean {
  return outcome === 'ok' || outcome === 'wrong_identity' || SILENCE.has(outcome) || NONSENSE.has(outcome);
}

/** What an outcome is of: a sample, which is asked again. A command is not; what it did is over with the next answer. */
type Subject = object;

interface Bad extends Explanation {
  readonly reason: ErrorCode;
}

export class AvailabilityTracker {
  #current: Availability;
  #silentInARow = 0;
  /** Whose newest reply is not believed, with the first reason: replies that are broken in turns are one fault. */
  readonly #bad = new Map<Subject | undefined, Bad>();

  constructor(now: number) {
    this.#current = { state: 'unknown', since: now, reason: null };
  }

  get current(): Availability {
    return this.#current;
  }

  /** Whether the last reply of this sample was not believed. */
  isBad(subject: Subject): boolean {
    return this.#bad.has(subject);
  }

  /** Takes the outcome of a transaction; returns the new availability where it changed. */
  record(
    outcome: 'ok' | ErrorCode,
    now: number,
    why: Explanation = {},
    subject?: Subject,
  ): Availability | undefined {
    const next = this.#next(outcome, why, subject);
    if (next === undefined) return undefined;
    const { state, reason } = next;
    if (state === this.#current.state && (state === 'online' || reason === this.#current.reason))
      return undefined;
    const since = state === this.#current.state ? this.#current.since : now;
    this.#current = { ...next, since };
    return this.#current;
  }

  /** What it is after an outcome; undefined where the outcome says nothing about the device. */
  #next(
    outcome: 'ok' | ErrorCode,
    why: Explanation,
    subject: Subject | undefined,
  ): Omit<Availability, 'since'> | undefined {
    if (outcome === 'ok') {
      this.#silentInARow = 0;
      this.#bad.delete(subject);
      this.#bad.delete(undefined);
      return this.#heard();
    }
    if (outcome === 'wrong_identity') return this.#offline(outcome, why);
    if (NONSENSE.has(outcome)) {
      this.#silentInARow = 0;
      if (!this.#bad.has(subject)) this.#bad.set(subject, { reason: outcome, ...why });
      return this.#heard();
    }
    if (!SILENCE.has(outcome)) return undefined;
    this.#silentInARow += outcome === 'timeout' ? WEIGHT_OF_TIMEOUT : 1;
    const { state } = this.#current;
    const isGone = state === 'unknown' || state === 'offline' || this.#silentInARow >= SILENT_BEFORE_OFFLINE;
    return isGone ? this.#offline(outcome, why) : { state: 'degraded', reason: outcome, ...why };
  }

  /** Well when all that it said last is believed; else with what has been wrong for longest. */
  #heard(): Omit<Availability, 'since'> {
    const [first] = this.#bad.values();
    return first === undefined ? { state: 'online', reason: null } : { state: 'degraded', ...first };
  }

  /** Who comes back begins anew. */
  #offline(reason: ErrorCode, why: Explanation): Omit<Availability, 'since'> {
    this.#bad.clear();
    return { state: 'offline', reason, ...why };
  }
}
