// Is a device there? Told from the outcomes of its transactions, not from a guess.
import type { ErrorCode } from '../shared/errors.js';

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

export class AvailabilityTracker {
  #current: Availability;
  #silentInARow = 0;

  constructor(now: number) {
    this.#current = { state: 'unknown', since: now, reason: null };
  }

  get current(): Availability {
    return this.#current;
  }

  /** Takes the outcome of a transaction; returns the new availability where it changed. */
  record(outcome: 'ok' | ErrorCode, now: number, why: Explanation = {}): Availability | undefined {
    const next = this.#next(outcome);
    const reason = outcome === 'ok' ? null : outcome;
    if (next === undefined) return undefined;
    if (next === this.#current.state && (next === 'online' || reason === this.#current.reason))
      return undefined;
    const since = next === this.#current.state ? this.#current.since : now;
    this.#current = { state: next, since, reason, ...why };
    return this.#current;
  }

  /** The state after an outcome; undefined where the outcome says nothing about the device. */
  #next(outcome: 'ok' | ErrorCode): AvailabilityState | undefined {
    if (outcome === 'ok') {
      this.#silentInARow = 0;
      return 'online';
    }
    if (outcome === 'wrong_identity') return 'offline';
    if (NONSENSE.has(outcome)) {
      this.#silentInARow = 0;
      return 'degraded';
    }
    if (!SILENCE.has(outcome)) return undefined;
    this.#silentInARow += outcome === 'timeout' ? WEIGHT_OF_TIMEOUT : 1;
    const { state } = this.#current;
    if (state === 'unknown' || state === 'offline') return 'offline';
    return this.#silentInARow >= SILENT_BEFORE_OFFLINE ? 'offline' : 'degraded';
  }
}
