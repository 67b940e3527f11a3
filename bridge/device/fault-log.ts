// What one device does wrong, by cause: how often, how often lately, the last bytes, and what is probably behind it.
import { hex } from '../../shared/codec/hex.js';
import type { ErrorCode } from '../../shared/errors.js';

/** Outcomes that `share` looks back on. */
const LOOKS_BACK = 100;

export interface FaultReport {
  /** Since start. */
  readonly count: number;
  /** Of the last 100 outcomes, 0 to 1. */
  readonly share: number;
  /** Epoch ms of the last. */
  readonly ts: number;
  /** The last reply of it, where bytes came at all. */
  readonly bytes?: string;
  readonly message?: string;
  readonly hint?: string;
}

export interface FaultFacts {
  readonly seen?: Uint8Array | undefined;
  readonly message?: string | undefined;
  readonly hint?: string | undefined;
}

interface Fault extends FaultFacts {
  readonly count: number;
  readonly ts: number;
}

export class FaultLog {
  readonly #faults = new Map<ErrorCode, Fault>();
  readonly #recent: (readonly ErrorCode[])[] = [];

  /** One outcome: no codes where all was well. What it tells of each code takes the place of what was told before. */
  note(codes: readonly ErrorCode[], ts: number, factsOf: (code: ErrorCode) => FaultFacts): void {
    this.#recent.push(codes);
    if (this.#recent.length > LOOKS_BACK) this.#recent.shift();
    for (const code of codes) {
      const count = (this.#faults.get(code)?.count ?? 0) + 1;
      this.#faults.set(code, { count, ts, ...factsOf(code) });
    }
  }

  report(): Readonly<Partial<Record<ErrorCode, FaultReport>>> {
    return Object.fromEntries([...this.#faults].map(([code, fault]) => [code, this.#reportOf(code, fault)]));
  }

  #reportOf(code: ErrorCode, { count, ts, seen, message, hint }: Fault): FaultReport {
    const hits = this.#recent.filter((codes) => codes.includes(code)).length;
    return {
      count,
      share: Math.round((hits / Math.max(1, this.#recent.length)) * 100) / 100,
      ts,
      ...(seen === undefined ? {} : { bytes: hex(seen) }),
      ...(message === undefined ? {} : { message }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}
