// A PUBLISH as bytes (MQTT 3.1.1 and 5.0, §3.3), made once for all who get the message. Only its packet identifier differs.
import type { QoS } from '../../../shared/ports.js';
import { encodedOwn, encodedProperties, NOTHING } from './message-properties.js';
import type { MessageProperties, OwnProperties } from './message-properties.js';
import type { Frame } from './packet.js';

export interface EncodedPublish {
  /** Never written to once it is handed out: connections share it. */
  readonly bytes: Buffer;
  /** Where the two bytes of the packet identifier stand; 0 for QoS 0, which has none. */
  readonly idAt: number;
}

export interface Publishable {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly properties?: MessageProperties | undefined;
  /** The same, encoded, where they are. */
  readonly propertyBytes?: Uint8Array | undefined;
}

export interface PublishFlags {
  readonly qos: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  /** With MQTT 5's properties; without, they are left out. */
  readonly version5?: OwnProperties | undefined;
}

/** The identifier is left 0. */
export function encodePublish(
  { topic: name, payload, properties, propertyBytes }: Publishable,
  flags: PublishFlags,
): EncodedPublish {
  const { qos, retain = false, dup = false, version5 } = flags;
  const topic = version5?.alias?.isKnown === true ? '' : name;
  const own = version5 === undefined ? NOTHING : encodedOwn(version5);
  const shared = version5 === undefined ? NOTHING : (propertyBytes ?? bytesOf(properties));
  const propertiesLength = own.length + shared.length;
  const block = version5 === undefined ? 0 : lengthBytesOf(propertiesLength) + propertiesLength;
  const topicLength = Buffer.byteLength(topic);
  const payloadLength = Buffer.byteLength(payload);
  const body = 2 + topicLength + (qos === 0 ? 0 : 2) + block + payloadLength;
  const bytes = Buffer.allocUnsafe(1 + lengthBytesOf(body) + body);
  bytes[0] = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  let at = writeLength(bytes, body, 1);
  at = bytes.writeUInt16BE(topicLength, at);
  if (topicLength > 0) at += bytes.write(topic, at);
  const idAt = qos === 0 ? 0 : at;
  if (qos !== 0) at = bytes.writeUInt16BE(0, at);
  if (version5 !== undefined) {
    at = writeLength(bytes, propertiesLength, at);
    at += own.copy(bytes, at);
    bytes.set(shared, at);
    at += shared.length;
  }
  if (typeof payload === 'string') bytes.write(payload, at);
  else bytes.set(payload, at);
  return { bytes, idAt };
}

/** The third packet of a QoS 2 message's way (§3.6). */
export function encodePubrel(messageId: number): Buffer {
  return Buffer.from([0x62, 2, messageId >> 8, messageId & 0xff]);
}

function bytesOf(properties: MessageProperties | undefined): Buffer {
  return properties === undefined ? NOTHING : encodedProperties(properties);
}

function lengthBytesOf(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
}

/** MQTT 3.1.1 §2.2.3; returns where the next byte goes. */
function writeLength(bytes: Buffer, length: number, start: number): number {
  let at = start;
  let rest = length;
  do {
    bytes[at++] = rest > 127 ? (rest & 0x7f) | 0x80 : rest;
    rest >>= 7;
  } while (rest > 0);
  return at;
}

/** One message on its way to many: encoded once for all who get the same; what has identifiers of its own is not kept. */
export class OutgoingMessage {
  readonly payloadBytes: number;
  readonly #message: Publishable;
  readonly #expiryS: number | undefined;
  readonly #frame: Frame | undefined;
  #propertyBytes: Uint8Array | undefined;
  /** By QoS: of version 3.1.1, and of version 5 with nothing that is one receiver's own. */
  #plain: (EncodedPublish | undefined)[] | undefined;
  #bare: (EncodedPublish | undefined)[] | undefined;
  /** With what is one receiver's own: the first, mostly the only one, and the others by what differs. */
  #firstPlace = -1;
  #first: EncodedPublish | undefined;
  #others: Map<number, EncodedPublish> | undefined;

  /** `frame`: the message as a QoS 0 packet, where it came as one. `expiryS`: what is left of its life. */
  constructor(message: Publishable, frame?: Frame, expiryS?: number) {
    const { payload } = message;
    this.payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    this.#message = message;
    this.#propertyBytes = message.propertyBytes;
    this.#expiryS = expiryS;
    this.#frame = frame;
  }

  /** For who speaks 3.1.1. Asked for each message to each client, as those below: no object is made for it. */
  plain(qos: QoS): EncodedPublish {
    const plain = (this.#plain ??= [undefined, undefined, undefined]);
    return (plain[qos] ??= this.#ofFrame(qos, false) ?? this.#encodePlain(qos));
  }

  /** For who speaks 5 and gets nothing of its own. */
  bare(qos: QoS): EncodedPublish {
    const bare = (this.#bare ??= [undefined, undefined, undefined]);
    return (bare[qos] ??= this.#ofFrame(qos, true) ?? this.#encode(qos, false, NO_IDS, undefined));
  }

  /** For who speaks 5, with what is its own. */
  encoded(
    qos: QoS,
    retain: boolean,
    subscriptionIds: readonly number[],
    alias: OwnProperties['alias'],
  ): EncodedPublish {
    if (subscriptionIds.length > 0) return this.#encode(qos, retain, subscriptionIds, alias);
    const place = placeOf(qos, retain, alias);
    const known = place === this.#firstPlace ? this.#first : this.#others?.get(place);
    if (known !== undefined) return known;
    const encoded = this.#encode(qos, retain, subscriptionIds, alias);
    if (this.#first === undefined) {
      this.#firstPlace = place;
      this.#first = encoded;
    } else (this.#others ??= new Map<number, EncodedPublish>()).set(place, encoded);
    return encoded;
  }

  #ofFrame(qos: QoS, isVersion5: boolean): EncodedPublish | undefined {
    const frame = this.#frame;
    if (qos !== 0 || frame?.isVersion5 !== isVersion5) return undefined;
    // A copy: the frame lies in a chunk of a connection, which would stay in memory as long as anybody reads slowly.
    return { bytes: Buffer.from(frame.bytes), idAt: 0 };
  }

  #encodePlain(qos: QoS): EncodedPublish {
    const { topic, payload } = this.#message;
    return encodePublish({ topic, payload }, { qos });
  }

  #encode(
    qos: QoS,
    retain: boolean,
    subscriptionIds: readonly number[],
    alias: OwnProperties['alias'],
  ): EncodedPublish {
    const { topic, payload, properties } = this.#message;
    const propertyBytes = (this.#propertyBytes ??= bytesOf(properties));
    const version5 = { expiryS: this.#expiryS, subscriptionIds, alias };
    return encodePublish({ topic, payload, propertyBytes }, { qos, retain, version5 });
  }
}

const NO_IDS: readonly number[] = [];

function placeOf(qos: QoS, retain: boolean, alias: OwnProperties['alias']): number {
  const ofAlias = alias === undefined ? 0 : 2 * alias.number + (alias.isKnown ? 1 : 0);
  return qos + (retain ? 3 : 0) + 6 * ofAlias;
}
