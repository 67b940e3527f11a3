// What went over the wire to and from one device: the last transactions, and how long they took the bus.
import type { ErrorCode } from '../../shared/errors.js';
import type { I2cTransaction, Priority } from '../../shared/ports.js';

/** One transaction as it was: bytes untouched, nothing decoded before somebody asks. */
export interface TracedTransaction {
  /** Epoch ms of its end. */
  readonly ts: number;
  readonly priority: Priority;
  readonly write?: Uint8Array;
  readonly readLength: number;
  readonly repeatedStart: boolean;
  /** The bytes read; absent where it failed. */
  readonly read?: Uint8Array;
  readonly code: 'ok' | ErrorCode;
  /** Until the wire was its own. */
  readonly waitedMs: number;
  /** From then to its end; absent where it never had the wire. */
  readonly ms?: number;
}

/** Since start. The times are of transactions that had the wire, each with the rest behind it. */
export interface DeviceTraffic {
  readonly transactions: number;
  readonly failures: number;
  readonly busyMs: number;
  readonly longestMs: number;
  /** Polls that succeeded, and what all transactions of each took: what the schedule can be judged by. */
  readonly goodPolls: number;
  readonly goodPollMs: number;
}

export interface Noted {
  readonly transaction: Omit<I2cTransaction, 'address'>;
  readonly priority: Priority;
  readonly restMs: number;
  readonly ts: number;
  readonly waitedMs: number;
  readonly ms?: number;
  readonly outcome: Uint8Array | ErrorCode;
}

/** Transactions that are kept of each device. */
export const TRACE_LENGTH = 100;
/** Of longer ones the beginning is kept: four times what an Arduino can send. */
export const TRACE_BYTES = 128;

export class DeviceTrace {
  readonly #ring: TracedTransaction[] = [];
  #next = 0;
  #traffic = { transactions: 0, failures: 0, busyMs: 0, longestMs: 0, goodPolls: 0, goodPollMs: 0 };

  note({ transaction, priority, restMs, ts, waitedMs, ms, outcome }: Noted): void {
    const { write, readLength = 0, repeatedStart = false } = transaction;
    const failed = typeof outcome === 'string';
    this.#ring[this.#next] = {
      ...{ ts, priority, readLength, repeatedStart, waitedMs },
      ...(ms === undefined ? {} : { ms }),
      ...(write === undefined ? {} : { write: kept(write) }),
      ...(failed ? { code: outcome } : { code: 'ok', read: kept(outcome) }),
    };
    this.#next = (this.#next + 1) % TRACE_LENGTH;
    if (ms === undefined) return;
    const traffic = this.#traffic;
    traffic.transactions += 1;
    traffic.busyMs += ms + restMs;
    traffic.longestMs = Math.max(traffic.longestMs, ms);
    if (failed) traffic.failures += 1;
  }

  /** A poll that succeeded has had the bus for so long, rests included. */
  notePoll(ms: number): void {
    this.#traffic.goodPolls += 1;
    this.#traffic.goodPollMs += ms;
  }

  /** Oldest first, at most `limit`: the newest of them. */
  last(limit: number): readonly TracedTransaction[] {
    const { length } = this.#ring;
    const from = length < TRACE_LENGTH ? 0 : this.#next;
    const inOrder = [...this.#ring.slice(from), ...this.#ring.slice(0, from)];
    return inOrder.slice(Math.max(0, length - limit));
  }

  traffic(): DeviceTraffic {
    return { ...this.#traffic };
  }
}

/** A part of a larger buffer would keep all of it. */
function kept(bytes: Uint8Array): Uint8Array {
  return bytes.length > TRACE_BYTES ? bytes.slice(0, TRACE_BYTES) : bytes;
}
