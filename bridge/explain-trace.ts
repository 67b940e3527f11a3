// A trace in words that a person reads: bytes as hex, and what they mean where the device's type describes them.
import { decodeFields } from '../shared/codec/fields.js';
import { unframe } from '../shared/codec/frame.js';
import { hex } from '../shared/codec/hex.js';
import type { Device, SampleSpec } from '../shared/device-type.js';
import { asGatewayError, type ErrorCode } from '../shared/errors.js';
import type { Value } from '../shared/sample.js';
import type { TracedTransaction } from './device-trace.js';
import { sameBytes } from './same-bytes.js';

export interface ExplainedTransaction {
  /** Epoch ms of its end. */
  readonly ts: number;
  readonly priority: 'command' | 'poll';
  /** `10 FF` */
  readonly write?: string;
  readonly read?: string;
  readonly readLength?: number;
  readonly repeatedStart?: true;
  readonly code: 'ok' | ErrorCode;
  readonly waitedMs: number;
  readonly ms?: number;
  /** Where the bytes are those of a sample: what it would be without the memory of earlier ones (median, max_step). */
  readonly values?: Readonly<Record<string, Value>>;
  readonly errors?: Readonly<Record<string, ErrorCode>>;
  /** Why nothing of the reply is believed. */
  readonly fault?: ErrorCode;
}

/** `transactions` oldest first. */
export function explainTrace(
  transactions: readonly TracedTransaction[],
  device: Device,
): readonly ExplainedTransaction[] {
  return transactions.map((one, at) => {
    const { write, read, readLength } = one;
    return {
      ...{ ts: one.ts, priority: one.priority, code: one.code, waitedMs: tenths(one.waitedMs) },
      ...(one.ms === undefined ? {} : { ms: tenths(one.ms) }),
      ...(write === undefined ? {} : { write: hex(write) }),
      ...(readLength === 0 ? {} : { readLength, ...(read === undefined ? {} : { read: hex(read) }) }),
      ...(one.repeatedStart ? { repeatedStart: true } : {}),
      ...decoded(one, sampleOf(transactions, at, device), device.address),
    };
  });
}

/** The sample that asks so. A read alone belongs to the write before it. */
function sampleOf(
  transactions: readonly TracedTransaction[],
  at: number,
  { type }: Device,
): SampleSpec | undefined {
  const { write, readLength } = transactions[at] ?? { readLength: 0 };
  if (readLength === 0) return undefined;
  const asked = write ?? writeBefore(transactions, at) ?? new Uint8Array();
  return type.samples.find((sample) => sample.readLength === readLength && sameBytes(sample.write, asked));
}

/** Of a conversation: the nearest write, with nothing but its own reads in between. */
function writeBefore(transactions: readonly TracedTransaction[], at: number): Uint8Array | undefined {
  const before = transactions.slice(0, at).findLast(({ write }) => write !== undefined);
  return before?.readLength === 0 ? before.write : undefined;
}

function decoded(
  { read }: TracedTransaction,
  sample: SampleSpec | undefined,
  address: number,
): Pick<ExplainedTransaction, 'values' | 'errors' | 'fault'> {
  if (read === undefined || sample === undefined) return {};
  try {
    const { values, errors } = decodeFields(unframe(read, sample, address), sample);
    return { values, ...(Object.keys(errors).length === 0 ? {} : { errors }) };
  } catch (thrown) {
    return { fault: asGatewayError(thrown).code };
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
