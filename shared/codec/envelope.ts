// What stands around a reply as a whole: stray bytes, a start, a length, an end. Between them lies what is checked.
import type { EnvelopeSpec } from '../device-type.js';
import { GatewayError } from '../errors.js';
import { hex } from './hex.js';

/** What the bytes of the reply beside the envelope and the body are: how many stand before and behind the body. */
interface Inner {
  /** Echo and status. */
  readonly head: number;
  /** The check at the end. */
  readonly check: number;
}

/** Bytes that the envelope takes of a reply, a stray one included: there must be room for it. */
export function envelopeLength(envelope: EnvelopeSpec | undefined): number {
  if (envelope === undefined) return 0;
  return (envelope.stray === undefined ? 0 : 1) + frontLength(envelope) + envelope.end.length;
}

/** Bytes of start and length, which a check covers unless it skips them. */
export function frontLength(envelope: EnvelopeSpec | undefined): number {
  return envelope === undefined ? 0 : envelope.start.length + (envelope.length === undefined ? 0 : 1);
}

/**
 * The reply from its start to its check, without stray bytes, end and what is behind it.
 * Throws GatewayError wrong_frame where start, length or end are not as described.
 */
export function opened(reply: Uint8Array, envelope: EnvelopeSpec | undefined, inner: Inner): Uint8Array {
  if (envelope === undefined) return reply;
  const { start, end } = envelope;
  const at = beginsAt(reply, envelope);
  refuseOther('begins', reply.subarray(at, at + start.length), start);
  const length = innerLength(reply, at, envelope, inner);
  const behind = at + frontLength(envelope) + length;
  refuseOther('ends', reply.subarray(behind, behind + end.length), end);
  return reply.subarray(at, behind);
}

/** One byte of the stray kind is passed over, unless the frame itself begins with it. */
function beginsAt(reply: Uint8Array, { stray, start }: EnvelopeSpec): number {
  return stray !== undefined && reply[0] === stray && start[0] !== stray ? 1 : 0;
}

/** Bytes between the length and the end. */
function innerLength(reply: Uint8Array, at: number, envelope: EnvelopeSpec, inner: Inner): number {
  const room = reply.length - at - frontLength(envelope) - envelope.end.length;
  const said = reply[at + envelope.start.length];
  if (envelope.length === undefined) return reply.length - envelopeLength(envelope);
  const length = said === undefined ? 0 : toInner(said, envelope, inner);
  if (length >= inner.head + inner.check && length <= room) return length;
  throw new GatewayError(
    'wrong_frame',
    `${hex(reply)} says a length of ${String(said)}, which can't be in ${String(reply.length)} bytes.`,
  );
}

function toInner(said: number, envelope: EnvelopeSpec, { check }: Inner): number {
  if (envelope.length === 'body') return said + check;
  return said - envelope.end.length - (envelope.length === 'all' ? frontLength(envelope) : 0);
}

function refuseOther(verb: string, came: Uint8Array, wanted: Uint8Array): void {
  if (wanted.every((byte, index) => byte === came[index])) return;
  throw new GatewayError('wrong_frame', `The frame ${verb} with ${hex(came)}, not with ${hex(wanted)}.`);
}

/** Start, length, `inside`, end: the far end's half of {@link opened}. `seal` puts the check behind what it covers. */
export function enveloped(
  inside: Uint8Array,
  envelope: EnvelopeSpec | undefined,
  checkBytes: number,
  seal: (covered: Uint8Array) => Uint8Array,
): Uint8Array {
  if (envelope === undefined) return seal(inside);
  const { start, end, length } = envelope;
  const behind = { body: 0, rest: checkBytes + end.length, all: 0 };
  behind.all = behind.rest + frontLength(envelope);
  const lengthByte = length === undefined ? [] : [inside.length + behind[length]];
  return Uint8Array.from([...seal(Uint8Array.from([...start, ...lengthByte, ...inside])), ...end]);
}
