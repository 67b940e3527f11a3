// What the broker's store keeps of a message: aedes' packet without what belongs to one connection only.
import type { QoS } from '../../shared/ports.js';

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
  /** Since when it waits for its client; epoch ms. */
  queuedTs?: number;
  /** The message as a QoS 0 packet, where it came as one. */
  frame?: Uint8Array | undefined;
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
  };
}

export function payloadBytes({ payload }: Pick<StoredPacket, 'payload'>): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
}

/** Bytes a packet costs in a store, near enough to bound it. */
export function sizeOf(packet: StoredPacket): number {
  return packet.payload.length + packet.topic.length + 100;
}

/** Small payloads lie in the chunk they came in, which would stay in memory with them. */
export function compact(packet: StoredPacket): StoredPacket {
  const { payload } = packet;
  if (typeof payload === 'string' || payload.length * 2 >= payload.buffer.byteLength) return packet;
  return { ...packet, payload: Buffer.from(payload) };
}
