// Which sample, or which step of one, the bytes of a trace belong to: by what was written before them.
import { unframe } from '../../shared/codec/frame.js';
import type { BodySpec, ConversationSpec, Device, QuestionSpec } from '../../shared/device-type.js';
import { sameBytes } from '../device/same-bytes.js';
import type { TracedTransaction } from './ring.js';

/** A sample, or a step of one. */
export interface Readable {
  readonly step: QuestionSpec & BodySpec;
  readonly conversation?: ConversationSpec;
  /** What is written before it in the same conversation, the nearest first. */
  readonly before: readonly Uint8Array[];
}

export interface Asked extends Readable {
  readonly reply: Uint8Array;
}

/** Whose reply ends here, with all of it. A read alone belongs to the write before it, or to none. */
export function askedBy(
  transactions: readonly TracedTransaction[],
  at: number,
  device: Device,
): Asked | undefined {
  const { write, read } = transactions[at] ?? {};
  if (read === undefined || read.length === 0) return undefined;
  const readable = readableOf(device);
  const chosenBy = (bytes: Uint8Array) => (one: Readable) => sameBytes(one.step.write, bytes);
  const asked = write ?? writeBefore(transactions, at);
  const plain = write === undefined ? readable.filter(chosenBy(new Uint8Array())) : [];
  const alike = asked === undefined ? [] : readable.filter(chosenBy(asked));
  const earlier = writesBefore(transactions, at, asked !== undefined && write === undefined ? 1 : 0);
  // Of several that ask alike, such as channels of one converter, it is the one whose conversation was begun.
  const likely = alike.toSorted((one, other) => matching(other, earlier) - matching(one, earlier));
  for (const one of [...likely, ...plain]) {
    const { bytewise, readLength } = one.step;
    const reply = bytewise === true ? gathered(transactions, at, readLength) : read;
    if (reply?.length === readLength) return { ...one, reply };
  }
  return undefined;
}

/**
 * The bodies of all steps of the conversation whose last reply is here; a step that was left out has none. Undefined where
 * its beginning is not in the trace any more. Throws as `unframe`.
 */
export function bodiesUpTo(
  transactions: readonly TracedTransaction[],
  at: number,
  device: Device,
  { steps }: ConversationSpec,
): readonly (Uint8Array | undefined)[] | undefined {
  const bodies: (Uint8Array | undefined)[] = steps.map(() => undefined);
  let least = steps.length;
  for (let index = at; index >= 0; index -= 1) {
    if (!steps.slice(0, least).some(({ readLength }) => readLength > 0)) return bodies;
    const asked = askedBy(transactions, index, device);
    if (asked === undefined) continue;
    const place = steps.findIndex((step) => step === asked.step);
    // Of an earlier round of it, or of another sample: what is missing before was left out.
    if (place === -1 || place > least) return bodies;
    // The reply before was "not yet".
    if (place === least) continue;
    bodies[place] = unframe(asked.reply, asked.step, device.address);
    least = place;
  }
  const isCut = steps
    .slice(0, least)
    .some(({ readLength, onlyIf }) => readLength > 0 && onlyIf === undefined);
  return isCut ? undefined : bodies;
}

export function lastReadOf({ steps }: ConversationSpec): ConversationSpec['steps'][number] | undefined {
  return steps.findLast(({ readLength }) => readLength > 0);
}

function readableOf({ type }: Device): readonly Readable[] {
  return type.samples.flatMap((sample): readonly Readable[] => {
    const { conversation } = sample;
    if (conversation === undefined) return [{ step: sample, before: [] }];
    return conversation.steps.map((step, index) => ({
      step,
      conversation,
      before: conversation.steps
        .slice(0, index)
        .map(({ write }) => write)
        .filter(({ length }) => length > 0)
        .toReversed(),
    }));
  });
}

function matching({ before }: Readable, earlier: readonly Uint8Array[]): number {
  const differs = before.findIndex((write, index) => !sameBytes(write, earlier[index] ?? new Uint8Array()));
  return differs === -1 ? before.length : differs;
}

/** The nearest first; `skip` of them are its own. */
function writesBefore(
  transactions: readonly TracedTransaction[],
  at: number,
  skip: number,
): readonly Uint8Array[] {
  const near = transactions.slice(Math.max(0, at - MOST_LOOKED_AT), at);
  const writes = near.flatMap(({ write }) => (write === undefined ? [] : [write]));
  return writes.toReversed().slice(skip, skip + MOST_BEFORE);
}

/** So many writes tell whose conversation it is, and so far back they are looked for. */
const MOST_BEFORE = 16;
const MOST_LOOKED_AT = 128;

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
