// A trace in words that a person reads: bytes as hex, and what they mean where the device's type describes them.
import { decodeFields } from '../../shared/codec/fields.js';
import { unframe } from '../../shared/codec/frame.js';
import { hex } from '../../shared/codec/hex.js';
import type { BodySpec, Device, QuestionSpec } from '../../shared/device-type.js';
import { asGatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Value } from '../../shared/sample.js';
import type { TracedTransaction } from './ring.js';
import { sameBytes } from '../device/same-bytes.js';

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
    const asked = askedBy(transactions, at, device);
    return {
      ...{ ts: one.ts, priority: one.priority, code: one.code, waitedMs: tenths(one.waitedMs) },
      ...(one.ms === undefined ? {} : { ms: tenths(one.ms) }),
      ...(write === undefined ? {} : { write: hex(write) }),
      ...(readLength === 0 ? {} : { readLength, ...(read === undefined ? {} : { read: hex(read) }) }),
      ...(one.repeatedStart ? { repeatedStart: true } : {}),
      ...(asked === undefined ? {} : decoded(asked, device.address)),
    };
  });
}

/** A sample, or a step of one: what is computed of several steps is in the readings. */
type Readable = QuestionSpec & BodySpec;

interface Asked {
  readonly sample: Readable;
  readonly reply: Uint8Array;
}

/** The sample whose reply ends here, with all of it. A read alone belongs to the write before it, or to none. */
function askedBy(
  transactions: readonly TracedTransaction[],
  at: number,
  { type }: Device,
): Asked | undefined {
  const { write, read } = transactions[at] ?? {};
  if (read === undefined || read.length === 0) return undefined;
  const readable = type.samples.flatMap(
    (sample): readonly Readable[] => sample.conversation?.steps ?? [sample],
  );
  const chosenBy = (bytes: Uint8Array) => (sample: Readable) => sameBytes(sample.write, bytes);
  const asked = write ?? writeBefore(transactions, at);
  const plain = write === undefined ? readable.filter(chosenBy(new Uint8Array())) : [];
  const samples = [...(asked === undefined ? [] : readable.filter(chosenBy(asked))), ...plain];
  for (const sample of samples) {
    const reply = sample.bytewise === true ? gathered(transactions, at, sample.readLength) : read;
    if (reply?.length === sample.readLength) return { sample, reply };
  }
  return undefined;
}

/** The bytes that were read one by one, where the last of so many was read here. */
function gathered(
  transactions: readonly TracedTransaction[],
  at: number,
  length: number,
): Uint8Array | undefined {
  const from = transactions.slice(0, at + 1).findLastIndex(({ write }) => write !== undefined) + 1;
  const reads = transactions.slice(from, at + 1).flatMap(({ read }) => (read === undefined ? [] : [...read]));
  return reads.length > 0 && reads.length % length === 0 ? Uint8Array.from(reads.slice(-length)) : undefined;
}

/** Of a conversation: the nearest write, with nothing but its own reads in between. */
function writeBefore(transactions: readonly TracedTransaction[], at: number): Uint8Array | undefined {
  const before = transactions.slice(0, at).findLast(({ write }) => write !== undefined);
  return before?.readLength === 0 ? before.write : undefined;
}

function decoded(
  { sample, reply }: Asked,
  address: number,
): Pick<ExplainedTransaction, 'values' | 'errors' | 'fault'> {
  try {
    const { values, errors } = decodeFields(unframe(reply, sample, address), sample);
    return { values, ...(Object.keys(errors).length === 0 ? {} : { errors }) };
  } catch (thrown) {
    return { fault: asGatewayError(thrown).code };
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
