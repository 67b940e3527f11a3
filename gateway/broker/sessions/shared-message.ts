// A message that one or more sessions wait for: kept once, and weighed once.
import { payloadBytes, sizeOf } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';

export interface SharedMessage {
  readonly key: string;
  readonly packet: StoredPacket;
  readonly bytes: number;
  /** Queues it stands in. */
  holders: number;
}

/** What one more queue costs that holds it. */
const ENTRY_BYTES = 200;

export function sharedMessage(packet: StoredPacket): SharedMessage {
  return { key: keyOf(packet), packet, bytes: sizeOf(packet), holders: 0 };
}

/** Who numbered the message, and the number: its identity within the broker. */
export function keyOf({ brokerId, brokerCounter }: Pick<StoredPacket, 'brokerId' | 'brokerCounter'>): string {
  return `${brokerId ?? ''}:${String(brokerCounter ?? '')}`;
}

/** Of all queues together. */
export class QueuedTotals {
  #entries = 0;
  #messageBytes = 0;
  #payloadBytes = 0;

  get entries(): number {
    return this.#entries;
  }

  /** What they cost: each message once, and a little for each queue it stands in. */
  get bytes(): number {
    return this.#messageBytes + this.#entries * ENTRY_BYTES;
  }

  /** Of messages, each once. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  entered(): void {
    this.#entries++;
  }

  left(): void {
    this.#entries--;
  }

  hold(message: SharedMessage): void {
    if (message.holders++ > 0) return;
    this.#messageBytes += message.bytes;
    this.#payloadBytes += payloadBytes(message.packet);
  }

  letGo(message: SharedMessage): void {
    if (--message.holders > 0) return;
    this.#messageBytes -= message.bytes;
    this.#payloadBytes -= payloadBytes(message.packet);
  }
}
