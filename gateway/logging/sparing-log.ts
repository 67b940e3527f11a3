// Lines that a client can cause by the thousand: the first ones are written, then one a second, then their number.
// Without it a flood of wrong messages pushes what the log is for, last night's events, out of its bounded files, and
// costs more than answering the messages does (ten thousand lines: four seconds in which hardly a device was read).
import type { Clock, Log, LogFields } from '../../shared/ports.js';

/** Lines at once; a client that is merely wrong is told of completely. */
const BURST = 50;
const REFILL_EVERY_MS = 1000;
/** What was left out is said this long after the first of it. */
const SUMMARY_AFTER_MS = 10_000;

export class SparingLogs {
  readonly #log: Log;
  readonly #clock: Clock;
  #leftOut = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Lines that were not written, of all parts. */
  get leftOutLines(): number {
    return this.#leftOut;
  }

  /** A log for one part, with an allowance of its own: what floods one part hides no other. */
  of(part: string): Log {
    const log = this.#log.child({ part });
    const allowance = new Allowance(this.#clock, (lines) => {
      this.#leftOut += lines;
      log.warn({ leftOut: lines }, `${String(lines)} more lines like those before were left out`);
    });
    return new SparingLog(log, allowance);
  }
}

/** `info` and `warn` use up the allowance; `debug` is asked for, and `error` is the gateway's own. */
class SparingLog implements Log {
  readonly #log: Log;
  readonly #allowance: Allowance;

  constructor(log: Log, allowance: Allowance) {
    this.#log = log;
    this.#allowance = allowance;
  }

  debug(fields: LogFields, message: string): void {
    this.#log.debug(fields, message);
  }
  info(fields: LogFields, message: string): void {
    if (this.#allowance.take()) this.#log.info(fields, message);
  }
  warn(fields: LogFields, message: string): void {
    if (this.#allowance.take()) this.#log.warn(fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.#log.error(fields, message);
  }
  child(fields: LogFields): Log {
    return new SparingLog(this.#log.child(fields), this.#allowance);
  }
}

class Allowance {
  readonly #clock: Clock;
  readonly #summarize: (lines: number) => void;
  #lines = BURST;
  #refilledMs = 0;
  #leftOut = 0;

  constructor(clock: Clock, summarize: (lines: number) => void) {
    this.#clock = clock;
    this.#summarize = summarize;
  }

  take(): boolean {
    this.#refill();
    if (this.#lines > 0) {
      this.#lines -= 1;
      return true;
    }
    this.#leftOut += 1;
    if (this.#leftOut === 1) {
      this.#clock.after(SUMMARY_AFTER_MS, () => {
        const lines = this.#leftOut;
        this.#leftOut = 0;
        this.#summarize(lines);
      });
    }
    return false;
  }

  #refill(): void {
    const refills = Math.floor((this.#clock.monotonicMs() - this.#refilledMs) / REFILL_EVERY_MS);
    this.#lines = Math.min(BURST, this.#lines + refills);
    this.#refilledMs += refills * REFILL_EVERY_MS;
  }
}
