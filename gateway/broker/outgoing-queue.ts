// What one persistent session still has to acknowledge, or has to get when it comes back. Bounded: the oldest go first.
import { copyOf, payloadBytes, sizeOf } from './packet.js';
import type { StoredPacket } from './packet.js';

export interface QueueLimits {
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  /** Sent and not acknowledged at once; without it all. */
  readonly maxInflightOutbound?: number;
}

export class OutgoingQueue {
  readonly #limits: QueueLimits;
  /** By the message's number in the broker, in the order it came. */
  readonly #packets = new Map<string, StoredPacket>();
  readonly #keyByMessageId = new Map<number, string>();
  readonly #repeated = new Set<string>();
  /** Those that have no packet identifier yet, in their order. */
  readonly #unsent = new Set<string>();
  #bytes = 0;
  #payloadBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#packets.size;
  }

  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /**
   * Returns how many of the oldest had to go. A message that two filters matched is queued once,
   * with the higher QoS [MQTT-3.3.5-1].
   */
  enqueue(packet: StoredPacket, qos: StoredPacket['qos'], ts?: number): number {
    const key = keyOf(packet);
    const known = this.#packets.get(key);
    if (known !== undefined) {
      if (known.qos < qos) known.qos = qos;
      return 0;
    }
    const copy = copyOf(packet);
    copy.qos = qos;
    if (ts !== undefined) copy.queuedTs = ts;
    this.#packets.set(key, copy);
    this.#unsent.add(key);
    this.#weigh(copy, 1);
    let dropped = 0;
    for (const [oldest, old] of this.#packets) {
      if (!this.#over() || oldest === key) break;
      this.#remove(oldest, old);
      dropped++;
    }
    return dropped;
  }

  /** Takes out what was queued before; returns how many. */
  expire(beforeTs: number): number {
    let dropped = 0;
    for (const [key, packet] of this.#packets) {
      if ((packet.queuedTs ?? 0) >= beforeTs) break;
      this.#remove(key, packet);
      dropped++;
    }
    return dropped;
  }

  /**
   * Notes the packet identifier of a message that is being sent, or puts a pubrel in its place. One that is not
   * here (dropped meanwhile, or a retained one, which is not queued) is no error: aedes would end the connection.
   */
  update(packet: StoredPacket): void {
    const key = keyOf(packet);
    const known = this.#packets.get(key);
    if (known?.cmd === packet.cmd) {
      if (known.messageId !== undefined && packet.cmd === 'publish') this.#repeated.add(key);
      known.messageId = packet.messageId;
      if (packet.messageId !== undefined) this.#isSent(packet.messageId, key);
      return;
    }
    const sameId = packet.messageId === undefined ? undefined : this.#keyByMessageId.get(packet.messageId);
    if (sameId === undefined) return;
    const replaced = this.#packets.get(sameId);
    if (replaced !== undefined) this.#weigh(replaced, -1);
    const pubrel = { ...packet };
    this.#packets.set(sameId, pubrel);
    this.#weigh(pubrel, 1);
  }

  /** The client has it. Without an identifier nothing is taken: aedes asks so for a copy that a second filter made. */
  acknowledge(messageId: number | undefined): StoredPacket | undefined {
    const key = messageId === undefined ? undefined : this.#keyByMessageId.get(messageId);
    const packet = key === undefined ? undefined : this.#packets.get(key);
    if (key === undefined || packet === undefined) return undefined;
    this.#remove(key, packet);
    return packet;
  }

  /** A message the client may not have (any more). */
  discard(packet: StoredPacket): void {
    const key = keyOf(packet);
    const known = this.#packets.get(key);
    if (known !== undefined) this.#remove(key, known);
  }

  /** A copy of the list: it is sent while it changes. */
  list(): StoredPacket[] {
    return [...this.#packets.values()];
  }

  /** Whether this message was sent on an earlier connection already. */
  isRepeated(packet: StoredPacket): boolean {
    return this.#repeated.has(keyOf(packet));
  }

  sent(packet: StoredPacket, messageId: number): void {
    const key = keyOf(packet);
    const known = this.#packets.get(key);
    if (known === undefined) return;
    known.messageId = messageId;
    this.#isSent(messageId, key);
  }

  usesId(messageId: number): boolean {
    return this.#keyByMessageId.has(messageId);
  }

  /** The next to be sent; undefined when there is none, or too many are under way. */
  next(): StoredPacket | undefined {
    const [first] = this.#unsent;
    return first === undefined || !this.#hasRoom ? undefined : this.#packets.get(first);
  }

  /** Whether this message may be sent now: nothing waits ahead of it. One that is not here waits for nothing. */
  isTurnOf(packet: StoredPacket): boolean {
    const key = keyOf(packet);
    if (!this.#unsent.has(key)) return true;
    const [first] = this.#unsent;
    return first === key && this.#hasRoom;
  }

  /** What is sent again to a client that is back, and as much more as may be under way. A copy. */
  resent(): StoredPacket[] {
    const { maxInflightOutbound = Infinity } = this.#limits;
    const sent = this.list().filter(({ messageId }) => messageId !== undefined);
    const unsent = this.list().filter(({ messageId }) => messageId === undefined);
    return [...sent, ...unsent.slice(0, Math.max(0, maxInflightOutbound - sent.length))];
  }

  get #hasRoom(): boolean {
    return this.#packets.size - this.#unsent.size < (this.#limits.maxInflightOutbound ?? Infinity);
  }

  #isSent(messageId: number, key: string): void {
    this.#keyByMessageId.set(messageId, key);
    this.#unsent.delete(key);
  }

  /** A pubrel has neither topic nor payload. */
  #weigh(packet: StoredPacket, sign: 1 | -1): void {
    if (packet.cmd === 'pubrel') return;
    this.#bytes += sign * sizeOf(packet);
    this.#payloadBytes += sign * payloadBytes(packet);
  }

  #over(): boolean {
    return this.#packets.size > this.#limits.maxQueuedMessages || this.#bytes > this.#limits.maxQueuedBytes;
  }

  #remove(key: string, packet: StoredPacket): void {
    this.#packets.delete(key);
    this.#repeated.delete(key);
    this.#unsent.delete(key);
    this.#weigh(packet, -1);
    if (packet.messageId !== undefined && this.#keyByMessageId.get(packet.messageId) === key)
      this.#keyByMessageId.delete(packet.messageId);
  }
}

function keyOf(packet: StoredPacket): string {
  return `${packet.brokerId ?? ''}:${String(packet.brokerCounter ?? '')}`;
}
