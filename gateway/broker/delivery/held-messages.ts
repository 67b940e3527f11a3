// Messages of QoS 1 and 2 for a client whose session ends with its connection, and who said how many it takes at once
// (MQTT 5, Receive Maximum). Bounded for the one client and for all; what does not fit is dropped, the newest first. And
// those that it was sent as a member of a group and has not acknowledged: they are another's when it goes.
import type { BrokerCounters } from '../counters/counters.js';
import { sizeOf } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { Grant } from './grant.js';

export interface HeldLimits {
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  readonly maxQueuedTotalBytes: number;
}

/** Of all clients together. */
export interface HeldTotals {
  bytes: number;
}

interface Held {
  readonly packet: StoredPacket;
  readonly grant: Grant;
  /** The shared subscription by which it came. */
  readonly group: string | undefined;
  readonly bytes: number;
}

/** Of a group, for another of its members. */
export interface Returned {
  readonly packet: StoredPacket;
  readonly group: string;
}

export class HeldMessages {
  readonly #limits: HeldLimits;
  readonly #totals: HeldTotals;
  readonly #counters: Pick<BrokerCounters, 'droppedHeld'>;
  readonly #held: Held[] = [];
  /** By packet identifier. */
  readonly #lent = new Map<number, Returned & { readonly bytes: number }>();
  #bytes = 0;

  constructor(limits: HeldLimits, totals: HeldTotals, counters: Pick<BrokerCounters, 'droppedHeld'>) {
    this.#limits = limits;
    this.#totals = totals;
    this.#counters = counters;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  hold(packet: StoredPacket, grant: Grant, group: string | undefined): void {
    const bytes = sizeOf(packet);
    if (!this.#fits(bytes)) {
      this.#counters.droppedHeld++;
      return;
    }
    this.#held.push({ packet, grant, group, bytes });
    this.#weigh(bytes);
  }

  /** It is sent with this identifier. What does not fit is not another's any more. */
  lend(id: number, packet: StoredPacket, group: string): void {
    const bytes = sizeOf(packet);
    this.acknowledged(id);
    if (!this.#fits(bytes)) return;
    this.#lent.set(id, { packet, group, bytes });
    this.#weigh(bytes);
  }

  acknowledged(id: number): void {
    if (this.#lent.size === 0) return;
    const lent = this.#lent.get(id);
    if (lent === undefined) return;
    this.#lent.delete(id);
    this.#weigh(-lent.bytes);
  }

  next(): Omit<Held, 'bytes'> | undefined {
    const first = this.#held.shift();
    if (first !== undefined) this.#weigh(-first.bytes);
    return first;
  }

  /** The client has gone: what is another's now, in its order. */
  clear(): Returned[] {
    const held = this.#held.splice(0);
    const lent = [...this.#lent.values()];
    this.#lent.clear();
    this.#weigh(-this.#bytes);
    const ofGroups = held.flatMap(({ packet, group }) => (group === undefined ? [] : [{ packet, group }]));
    return [...lent, ...ofGroups];
  }

  #fits(bytes: number): boolean {
    const { maxQueuedMessages, maxQueuedBytes, maxQueuedTotalBytes } = this.#limits;
    return (
      this.#held.length + this.#lent.size < maxQueuedMessages &&
      this.#bytes + bytes <= maxQueuedBytes &&
      this.#totals.bytes + bytes <= maxQueuedTotalBytes
    );
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    this.#totals.bytes += bytes;
  }
}
