// A command as it came, and what is known of it on its way to its answer.
import type { DeliveryMark } from '../../shared/command-journal.js';
import { crc } from '../../shared/codec/crc.js';
import type { GatewayError } from '../../shared/errors.js';
import type { ReplyMessage, ReplyStatus, Sender } from '../../shared/messages.js';
import type { AnswerPlace, Clock, Message } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';

/** A command as it came. */
export interface CommandRequest {
  readonly device: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly by: Sender | undefined;
  readonly answerTo?: AnswerPlace | undefined;
  /** Epoch ms: the end of the message itself; absent where it has none. */
  readonly expires?: number | undefined;
  /** Of one that is acknowledged to its sender. */
  readonly delivery: DeliveryMark | undefined;
}

/** One command on its way: where it came from and since when. */
export interface Arrival {
  readonly device: string;
  readonly name: string;
  readonly id: string;
  /** On the monotonic clock. */
  readonly startedMs: number;
  readonly by: Sender | undefined;
  readonly answerTo?: AnswerPlace | undefined;
  /** Absent before they were checked. */
  readonly args?: Readonly<Record<string, Value>>;
}

/** Client ids and topics are long at times; the packet identifier tells those of one client apart. */
const LONGEST_PART = 256;
/** So much of a payload is looked at, beside its length. */
const LOOKED_AT_BYTES = 4096;
const CRC16 = { width: 16, poly: 0x1021, init: 0xffff, reflect: false, xorOut: 0 } as const;

/**
 * Of one packet of one client. With a look at what is in it: identifiers are used again, and a client that begins anew
 * must not have another message taken for its last.
 */
export function deliveryMark({ topic, payload, sender, delivery }: Message): DeliveryMark | undefined {
  if (delivery === undefined) return undefined;
  const content = `${String(payload.length)}/${String(crc(payload.subarray(0, LOOKED_AT_BYTES), CRC16))}`;
  const [client, where] = [sender?.client ?? '', topic].map((text) => text.slice(0, LONGEST_PART));
  return { place: [delivery.id, content, where, client].join('/'), again: delivery.again };
}

export function replyTo(
  arrival: Pick<Arrival, 'id' | 'startedMs'>,
  clock: Clock,
  status: ReplyStatus,
  error?: GatewayError,
): ReplyMessage {
  const ms = Math.round((clock.monotonicMs() - arrival.startedMs) * 10) / 10;
  const body = error === undefined ? {} : { error: error.toBody() };
  return { id: arrival.id, status, ...body, ts: clock.now(), ms };
}
