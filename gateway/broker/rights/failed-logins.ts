// Slows down whoever guesses passwords: after some failures the logins of an address are tried one at a time with growing
// pauses. The table is bounded; the addresses longest without a failure are forgotten first.
import type { Clock } from '../../../shared/ports.js';

/** A password typed wrong now and then costs nothing. */
const FREE_FAILURES = 3;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Who would wait longer is refused at once. */
export const LONGEST_WAIT_MS = 10_000;
const FORGOTTEN_AFTER_MS = 15 * 60_000;
const MOST_ADDRESSES = 1000;

export interface FailingAddress {
  readonly failures: number;
  /** Of the last one, epoch ms. */
  readonly ts: number;
}

interface Record extends FailingAddress {
  readonly lastMs: number;
  /** When the next login of this address may be tried. */
  nextMs: number;
}

export class FailedLogins {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Record>();
  #total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get total(): number {
    return this.#total;
  }

  get addresses(): number {
    return this.#byAddress.size;
  }

  /** Addresses whose failures are not forgotten yet, those with most of them first. */
  worst(): [address: string, facts: FailingAddress][] {
    const now = this.#clock.monotonicMs();
    return [...this.#byAddress]
      .filter(([, { lastMs }]) => now - lastMs <= FORGOTTEN_AFTER_MS)
      .toSorted(([, a], [, b]) => b.failures - a.failures)
      .map(([address, { failures, ts }]) => [address, { failures, ts }]);
  }

  /** Failures of the address that are still remembered. */
  of(address: string): number {
    return this.#byAddress.get(address)?.failures ?? 0;
  }

  /** Whether one with so many of its address ahead would wait too long, if they fail as those before. */
  wouldWaitTooLong(address: string, ahead: number): boolean {
    return ahead * pauseAfter(this.of(address)) > LONGEST_WAIT_MS;
  }

  /** Takes the next turn of the address: ms to wait before its login is tried; undefined: too many wait already. */
  turn(address: string): number | undefined {
    const record = this.#byAddress.get(address);
    const now = this.#clock.monotonicMs();
    if (record === undefined || record.failures < FREE_FAILURES) return 0;
    if (now - record.lastMs > FORGOTTEN_AFTER_MS) {
      this.#byAddress.delete(address);
      return 0;
    }
    const at = Math.max(now, record.nextMs);
    if (at - now > LONGEST_WAIT_MS) return undefined;
    record.nextMs = at + pauseAfter(record.failures);
    return at - now;
  }

  failed(address: string): void {
    const now = this.#clock.monotonicMs();
    this.#total++;
    const failures = this.of(address) + 1;
    const nextMs = Math.max(this.#byAddress.get(address)?.nextMs ?? 0, now + pauseAfter(failures));
    // Anew at the end: the first of a Map is the oldest.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { failures, ts: this.#clock.now(), lastMs: now, nextMs });
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > MOST_ADDRESSES && oldest !== undefined) this.#byAddress.delete(oldest);
  }
}

function pauseAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - FREE_FAILURES, 10));
}
