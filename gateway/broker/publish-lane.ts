// A short way for what makes up nearly all traffic: plain PUBLISH packets of QoS 0 and 1 that nobody must take before
// they are acknowledged, and the PUBACKs of those who read with QoS 1. They are read off the connection's bytes ahead of aedes' parser, whose copies and turns cost
// more than the delivery; everything else, and what is not at hand whole, is left for aedes in its order.
import type { AedesClient } from './aedes-client.js';

export interface LanePublish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** 0 for QoS 0. */
  readonly messageId: number;
  /** The whole packet as it came. */
  readonly frame: Buffer;
}

export interface LaneTakers {
  /** False: not now and not so; aedes shall do it. */
  publish(publish: LanePublish): boolean;
  acknowledged(messageId: number): void;
}

const QOS_0 = 0x30;
const QOS_1 = 0x32;
const QOS_1_DUP = 0x3a;
const PUBACK = 0x40;

export class PublishLane {
  readonly #client: AedesClient;
  readonly #takers: LaneTakers;
  #topicBytes: Buffer = Buffer.alloc(0);
  #topic = '';

  constructor(client: AedesClient, takers: LaneTakers) {
    this.#client = client;
    this.#takers = takers;
  }

  /** `chunk` begins with a packet's first byte. Returns what is left for aedes; null when nothing is. */
  read(chunk: Buffer): Buffer | null {
    // Until then aedes itself may still have packets in hand.
    if (!this.#client.connected || this.#client.closed) return chunk;
    let at = 0;
    while (at < chunk.length) {
      const end = this.#one(chunk, at);
      if (end === undefined) break;
      at = end;
    }
    if (at > 0) this.#client._keepaliveTimer?.refresh();
    if (at === chunk.length) return null;
    return at === 0 ? chunk : chunk.subarray(at);
  }

  /** Where the packet at `start` ends, if it was taken. */
  #one(chunk: Buffer, start: number): number | undefined {
    const first = chunk[start] ?? 0;
    if (first === PUBACK) return this.#acknowledgement(chunk, start);
    const qos = first === QOS_0 ? 0 : first === QOS_1 || first === QOS_1_DUP ? 1 : undefined;
    if (qos === undefined) return undefined;
    const body = bodyOf(chunk, start + 1);
    if (body === undefined || body.end > chunk.length || body.start + 2 > body.end) return undefined;
    const topicStart = body.start + 2;
    const topicEnd = topicStart + chunk.readUInt16BE(body.start);
    const payloadStart = topicEnd + 2 * qos;
    if (payloadStart > body.end) return undefined;
    const topic = this.#topicOf(chunk, topicStart, topicEnd);
    const messageId = qos === 0 ? 0 : chunk.readUInt16BE(topicEnd);
    if (topic === undefined || (qos === 1 && messageId === 0)) return undefined;
    const payload = chunk.subarray(payloadStart, body.end);
    const frame = chunk.subarray(start, body.end);
    return this.#takers.publish({ topic, payload, qos, messageId, frame }) ? body.end : undefined;
  }

  #acknowledgement(chunk: Buffer, start: number): number | undefined {
    const end = start + 4;
    if (chunk[start + 1] !== 2 || end > chunk.length) return undefined;
    this.#takers.acknowledged(chunk.readUInt16BE(start + 2));
    return end;
  }

  /** Undefined when aedes shall say what is wrong with it. */
  #topicOf(chunk: Buffer, start: number, end: number): string | undefined {
    const known = this.#topicBytes;
    const length = end - start;
    if (length > 0 && length === known.length && chunk.compare(known, 0, length, start, end) === 0)
      return this.#topic;
    const topic = chunk.toString('utf8', start, end);
    // U+FFFD is what bytes become that are not UTF-8. Many levels are a matter of limits.
    if (topic === '' || /[+#\0\uFFFD]/.test(topic) || topic.split('/').length > 50) return undefined;
    this.#topicBytes = Buffer.from(chunk.subarray(start, end));
    return (this.#topic = topic);
  }
}

/** Where the body of a packet lies, by its length bytes (MQTT 3.1.1 §2.2.3). */
function bodyOf(chunk: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = chunk[at + index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** index;
    if ((byte & 0x80) === 0) {
      const start = at + index + 1;
      return { start, end: start + length };
    }
  }
  return undefined;
}
