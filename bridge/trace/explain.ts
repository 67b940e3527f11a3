// A trace in words that a person reads: bytes as hex, and what they mean where the device's type describes them.
import { decodeConversation, type Known } from '../../shared/codec/conversation.js';
import { decodeFields } from '../../shared/codec/fields.js';
import { unframe } from '../../shared/codec/frame.js';
import { hex } from '../../shared/codec/hex.js';
import type { Device } from '../../shared/device-type.js';
import { asGatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Value } from '../../shared/sample.js';
import type { TracedTransaction } from './ring.js';
import { askedBy, bodiesUpTo, lastReadOf } from './asked.js';

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

/** `transactions` oldest first; `known`: what its fields are computed with. */
export function explainTrace(
  transactions: readonly TracedTransaction[],
  device: Device,
  known: Known,
): readonly ExplainedTransaction[] {
  return transactions.map((one, at) => {
    const { write, read, readLength } = one;
    return {
      ...{ ts: one.ts, priority: one.priority, code: one.code, waitedMs: tenths(one.waitedMs) },
      ...(one.ms === undefined ? {} : { ms: tenths(one.ms) }),
      ...(write === undefined ? {} : { write: hex(write) }),
      ...(readLength === 0 ? {} : { readLength, ...(read === undefined ? {} : { read: hex(read) }) }),
      ...(one.repeatedStart ? { repeatedStart: true } : {}),
      ...decoded(transactions, at, device, known),
    };
  });
}

function decoded(
  transactions: readonly TracedTransaction[],
  at: number,
  device: Device,
  known: Known,
): Pick<ExplainedTransaction, 'values' | 'errors' | 'fault'> {
  const asked = askedBy(transactions, at, device);
  if (asked === undefined) return {};
  const { step, reply, conversation } = asked;
  try {
    const own = decodeFields(unframe(reply, step, device.address), step);
    const isEnd = conversation !== undefined && lastReadOf(conversation) === step;
    const bodies = isEnd ? bodiesUpTo(transactions, at, device, conversation) : undefined;
    // With the last reply there is what is made of all of them.
    const all =
      conversation === undefined || bodies === undefined
        ? own
        : decodeConversation(bodies, conversation, known);
    const values = { ...own.values, ...all.values };
    const errors = { ...own.errors, ...all.errors };
    return { values, ...(Object.keys(errors).length === 0 ? {} : { errors }) };
  } catch (thrown) {
    return { fault: asGatewayError(thrown).code };
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
