// A short way for what makes up nearly all traffic: plain PUBLISH packets of QoS 0 and 1 that nobody must take before
// they are acknowledged, and the PUBACKs of those who read with QoS 1. They are read off the connection's bytes ahead of aedes' parser, whose copies and turns cost
// more than the delivery; everything else, and what is not at hand whole, is left for aedes in its order.
import { speaksVersion5 } from '../mqtt/aedes-client.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import { messageProperties } from '../mqtt/message-properties.js';
import type { MessageProperties, ParsedProperties } from '../mqtt/message-properties.js';
import { readProperties } from '../mqtt/properties-reader.js';

export interface LaneProperties {
  /** Undefined where there are none. */
  readonly parsed: ParsedProperties | undefined;
  /** Those of them that go with the message. */
  readonly message: MessageProperties | undefined;
  /** As they came. */
  readonly bytes: Buffer;
  /** With the bytes that say how many they are. */
  readonly length: number;
}

const NO_BYTES = Buffer.alloc(0);
const NONE: LaneProperties = { parsed: undefined, message: undefined, bytes: NO_BYTES, length: 0 };
/** Of version 5. */
const EMPTY: LaneProperties = { ...NONE, length: 1 };

export interface LanePublish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** 0 for QoS 0. */
  readonly messageId: number;
  readonly properties: LaneProperties;
  /** Of QoS 0: the whole packet as it came. */
  readonly frame: Buffer;
}

/** What is asked of whose bytes they are. */
export type LaneClient = Pick<AedesClient, 'connected' | 'closed' | 'version' | '_keepaliveTimer'>;

export interface LaneTakers {
  /** False: not now and not so; aedes shall do it. */
  publish(publish: LanePublish): boolean;
  acknowledged(messageId: number): void;
}

/** Of properties, for each connection. */
const MOST_KEPT_BYTES = 512;

const QOS_0 = 0x30;
const QOS_1 = 0x32;
const QOS_1_DUP = 0x3a;
const PUBACK = 0x40;

export class PublishLane {
  readonly #client: LaneClient;
  readonly #takers: LaneTakers;
  #topicBytes: Buffer = Buffer.alloc(0);
  #topic = '';
  #isVersion5 = false;
  /** A client puts the same to one message after the other, mostly. */
  #properties = EMPTY;

  constructor(client: LaneClient, takers: LaneTakers) {
    this.#client = client;
    this.#takers = takers;
  }

  /** `chunk` begins with a packet's first byte. Returns what is left for aedes; null when nothing is. */
  read(chunk: Buffer): Buffer | null {
    // Until then aedes itself may still have packets in hand.
    if (!this.#client.connected || this.#client.closed) return chunk;
    this.#isVersion5 = speaksVersion5(this.#client);
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
    const propertiesAt = topicEnd + 2 * qos;
    if (propertiesAt > body.end) return undefined;
    const properties = this.#isVersion5 ? this.#propertiesOf(chunk, propertiesAt, body.end) : NONE;
    if (properties === undefined) return undefined;
    const payloadStart = propertiesAt + properties.length;
    const topic = this.#topicOf(chunk, topicStart, topicEnd);
    const messageId = qos === 0 ? 0 : chunk.readUInt16BE(topicEnd);
    if (topic === undefined || (qos === 1 && messageId === 0)) return undefined;
    const payload = chunk.subarray(payloadStart, body.end);
    const frame = qos === 0 ? chunk.subarray(start, body.end) : NO_BYTES;
    const publish = { topic, payload, qos, messageId, properties, frame } as const;
    return this.#takers.publish(publish) ? body.end : undefined;
  }

  #acknowledgement(chunk: Buffer, start: number): number | undefined {
    const end = start + 4;
    if (chunk[start + 1] !== 2 || end > chunk.length) return undefined;
    this.#takers.acknowledged(chunk.readUInt16BE(start + 2));
    return end;
  }

  /** Undefined where aedes shall read them. */
  #propertiesOf(chunk: Buffer, at: number, end: number): LaneProperties | undefined {
    if (at >= end) return undefined;
    if (chunk[at] === 0) return EMPTY;
    const block = bodyOf(chunk, at);
    if (block === undefined || block.end > end) return undefined;
    const { bytes } = this.#properties;
    if (bytes.length === block.end - block.start && isAt(chunk, block.start, bytes)) return this.#properties;
    // A copy: what is kept of the chunk would keep all of it.
    const own = Buffer.from(chunk.subarray(block.start, block.end));
    const parsed = readProperties(own, 0, own.length);
    if (parsed === undefined) return undefined;
    const found = { parsed, message: messageProperties(parsed), bytes: own, length: block.end - at };
    if (own.length <= MOST_KEPT_BYTES) this.#properties = found;
    return found;
  }

  /** Undefined when aedes shall say what is wrong with it. */
  #topicOf(chunk: Buffer, start: number, end: number): string | undefined {
    const known = this.#topicBytes;
    const length = end - start;
    if (length > 0 && length === known.length && isAt(chunk, start, known)) return this.#topic;
    const topic = chunk.toString('utf8', start, end);
    // U+FFFD is what bytes become that are not UTF-8. Many levels are a matter of limits.
    if (topic === '' || /[+#\0\uFFFD]/.test(topic) || topic.split('/').length > 50) return undefined;
    this.#topicBytes = Buffer.from(chunk.subarray(start, end));
    return (this.#topic = topic);
  }
}

/** Of few bytes a call into Node costs more than looking at each. */
const FEW_BYTES = 32;

function isAt(chunk: Buffer, start: number, bytes: Buffer): boolean {
  if (bytes.length <= FEW_BYTES) {
    for (let index = 0; index < bytes.length; index++)
      if (chunk[start + index] !== bytes[index]) return false;
    return true;
  }
  return chunk.compare(bytes, 0, bytes.length, start, start + bytes.length) === 0;
}

/** Where the body of a packet lies, or its properties, by its length bytes (MQTT 3.1.1 §2.2.3; MQTT 5.0 §1.5.5). */
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
