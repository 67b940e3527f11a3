// A PUBLISH as bytes (MQTT 3.1.1 §3.3), made once for all who get the message. Only its packet identifier differs.
import type { QoS } from '../../shared/ports.js';

export interface EncodedPublish {
  /** Never written to once it is handed out: connections share it. */
  readonly bytes: Buffer;
  /** Where the two bytes of the packet identifier stand; 0 for QoS 0, which has none. */
  readonly idAt: number;
}

export interface Publishable {
  readonly topic: string;
  readonly payload: Buffer | string;
}

export interface PublishFlags {
  readonly qos: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
}

/** The identifier is left 0. */
export function encodePublish({ topic, payload }: Publishable, flags: PublishFlags): EncodedPublish {
  const { qos, retain = false, dup = false } = flags;
  const topicLength = Buffer.byteLength(topic);
  const payloadLength = Buffer.byteLength(payload);
  const body = 2 + topicLength + (qos === 0 ? 0 : 2) + payloadLength;
  const lengthBytes = body < 128 ? 1 : body < 16_384 ? 2 : body < 2_097_152 ? 3 : 4;
  const bytes = Buffer.allocUnsafe(1 + lengthBytes + body);
  bytes[0] = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  let at = writeLength(bytes, body);
  at = bytes.writeUInt16BE(topicLength, at);
  at += bytes.write(topic, at);
  const idAt = qos === 0 ? 0 : at;
  if (qos !== 0) at = bytes.writeUInt16BE(0, at);
  if (typeof payload === 'string') bytes.write(payload, at);
  else bytes.set(payload, at);
  return { bytes, idAt };
}

/** MQTT 3.1.1 §2.2.3; returns where the next byte goes. */
function writeLength(bytes: Buffer, length: number): number {
  let at = 1;
  let rest = length;
  do {
    bytes[at++] = rest > 127 ? (rest & 0x7f) | 0x80 : rest;
    rest >>= 7;
  } while (rest > 0);
  return at;
}

/** One message on its way to many: encoded at most once for each QoS. */
export class OutgoingMessage {
  readonly #message: Publishable;
  readonly #encoded: (EncodedPublish | undefined)[] = [undefined, undefined, undefined];

  /** `frame`: the message as a QoS 0 packet, where it came as one. */
  constructor(message: Publishable, frame?: Uint8Array) {
    this.#message = message;
    // A copy: the frame lies in a chunk of a connection, which would stay in memory as long as anybody reads slowly.
    if (frame !== undefined) this.#encoded[0] = { bytes: Buffer.from(frame), idAt: 0 };
  }

  encoded(qos: QoS): EncodedPublish {
    return (this.#encoded[qos] ??= encodePublish(this.#message, { qos }));
  }
}
