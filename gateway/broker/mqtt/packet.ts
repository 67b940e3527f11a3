// What the broker's store keeps of a message: aedes' packet without what belongs to one connection only.
import type { QoS } from '../../../shared/ports.js';
import { messageProperties, propertiesSize } from './message-properties.js';
import type { MessageProperties, ParsedProperties } from './message-properties.js';

/** A publish on its way to a client, or the `pubrel` that took its place in a QoS 2 handshake. */
export interface StoredPacket {
  cmd: string;
  /** Who numbered the message, and the number: together its identity within the broker. */
  brokerId?: string | undefined;
  brokerCounter?: number | undefined;
  topic: string;
  payload: Buffer | string;
  qos: QoS;
  retain: boolean;
  dup?: boolean;
  /** The packet identifier on one connection; absent until the message was first sent. */
  messageId?: number | undefined;
  clientId?: string;
  /** The message as a QoS 0 packet, where it came as one; by which version of MQTT. */
  frame?: Frame | undefined;
  /** Of a publisher that speaks MQTT 5. */
  properties?: MessageProperties | undefined;
  /** The shared subscription that brought it into a session's queue. */
  group?: string | undefined;
  /** The properties as they came, on the short way; without an expiry. */
  propertyBytes?: Uint8Array | undefined;
  /** In the broker's life: from then on nobody gets it [MQTT-3.3.2-5]. */
  expiresMs?: number | undefined;
}

export interface Frame {
  readonly bytes: Uint8Array;
  readonly isVersion5: boolean;
}

/** As it comes from aedes, which hands on what was parsed, and what the intake found of its expiry. */
export interface PacketOfAedes extends Omit<StoredPacket, 'properties' | 'expiresMs'> {
  properties?: ParsedProperties | undefined;
  /** aedes' own would be of the wall clock: the intake sets it first, in the broker's life. */
  messageExpiry?: number | undefined;
}

/** The same object where there is nothing of MQTT 5: a copy of each message costs more than the rest of its delivery. */
export function storedOf(packet: PacketOfAedes): StoredPacket {
  if (packet.properties === undefined && packet.messageExpiry === undefined) return packet;
  const { properties, messageExpiry, ...rest } = packet;
  return { ...rest, properties: messageProperties(properties), expiresMs: messageExpiry };
}

/** A copy that is free of aedes, which goes on changing its own. It has no packet identifier yet. */
export function copyOf(packet: StoredPacket): StoredPacket {
  return {
    cmd: packet.cmd,
    brokerId: packet.brokerId,
    brokerCounter: packet.brokerCounter,
    topic: packet.topic,
    payload: packet.payload,
    qos: packet.qos,
    retain: packet.retain,
    dup: packet.dup ?? false,
    messageId: undefined,
    ...(packet.properties === undefined ? {} : { properties: packet.properties }),
    ...(packet.expiresMs === undefined ? {} : { expiresMs: packet.expiresMs }),
  };
}

export function payloadBytes({ payload }: Pick<StoredPacket, 'payload'>): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
}

/** Bytes a packet costs in a store, near enough to bound it. */
export function sizeOf(packet: {
  readonly topic: string;
  readonly payload: { readonly length: number };
  readonly properties?: MessageProperties | undefined;
}): number {
  return packet.payload.length + packet.topic.length + propertiesSize(packet.properties) + 100;
}

/** Small payloads lie in the chunk they came in, which would stay in memory with them. */
export function compact(packet: StoredPacket): StoredPacket {
  const { payload } = packet;
  if (typeof payload === 'string' || payload.length * 2 >= payload.buffer.byteLength) return packet;
  return { ...packet, payload: Buffer.from(payload) };
}

/** Whole seconds of its life that are left, for who gets it now; 0 where it is over, undefined where it has no end. */
export function remainingS(
  { expiresMs }: Pick<StoredPacket, 'expiresMs'>,
  lifeMs: number,
): number | undefined {
  return expiresMs === undefined ? undefined : Math.max(0, Math.ceil((expiresMs - lifeMs) / 1000));
}
