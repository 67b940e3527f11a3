// The outgoing queues of all persistent sessions, by client id. One that is empty is not kept.
import { OutgoingQueue } from './outgoing-queue.js';
import type { QueueLimits } from './outgoing-queue.js';
import type { StoredPacket } from './packet.js';

export class OutgoingQueues {
  readonly #limits: QueueLimits;
  readonly #byClient = new Map<string, OutgoingQueue>();
  #dropped = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Messages that had to make room, or waited too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Messages in all of them, and the bytes of their payloads. */
  totals(): { readonly count: number; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const queue of this.#byClient.values()) {
      count += queue.size;
      bytes += queue.payloadBytes;
    }
    return { count, bytes };
  }

  of(clientId: string): OutgoingQueue | undefined {
    return this.#byClient.get(clientId);
  }

  enqueue(clientId: string, packet: StoredPacket, qos: StoredPacket['qos'], ts?: number): void {
    const queue = this.#byClient.get(clientId) ?? new OutgoingQueue(this.#limits);
    this.#byClient.set(clientId, queue);
    this.#dropped += queue.enqueue(packet, qos, ts);
  }

  /** Takes out what was queued before, for clients that `isAway`. Epoch ms. */
  expire(beforeTs: number, isAway: (clientId: string) => boolean): void {
    for (const [clientId, queue] of this.#byClient) {
      if (isAway(clientId)) this.#dropped += queue.expire(beforeTs);
      this.tidy(clientId);
    }
  }

  /** After something was taken out. */
  tidy(clientId: string): void {
    if (this.#byClient.get(clientId)?.size === 0) this.#byClient.delete(clientId);
  }

  forget(clientId: string): void {
    this.#byClient.delete(clientId);
  }

  clear(): void {
    this.#byClient.clear();
  }

  /** Copies: what they hold is changed later, and the copies are not. */
  all(): [clientId: string, packets: StoredPacket[]][] {
    return [...this.#byClient].map(([id, queue]) => [id, queue.list().map((packet) => ({ ...packet }))]);
  }
}
