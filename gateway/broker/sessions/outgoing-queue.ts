// What one persistent session still has to acknowledge, or has to get when it comes back, in the order it came. Says what
// is too much or too old; what goes is decided above it.
import type { QoS } from '../../../shared/ports.js';
import { copyOf, remainingS } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { WaitingEntry } from './fact.js';
import { keyOf } from './shared-message.js';
import type { QueuedTotals, SharedMessage } from './shared-message.js';

export interface QueueLimits {
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  /** Sent and not acknowledged at once; without it all. */
  readonly maxInflightOutbound?: number;
}

/** Fewer than there are packet identifiers, whatever is configured: retained messages need some, too. */
const MOST_IDS = 65_000;
/** Of an entry that was never sent. */
const NO_ID = -1;

interface Entry {
  /** As it goes to the client; a pubrel once the client has the message. */
  packet: StoredPacket;
  /** Undefined of a pubrel. */
  shared: SharedMessage | undefined;
  readonly queuedMs: number;
  /** Sent on an earlier connection already. */
  isRepeated: boolean;
}

export class OutgoingQueue {
  readonly #limits: QueueLimits;
  readonly #totals: QueuedTotals;
  readonly #entries = new Map<string, Entry>();
  readonly #keyByMessageId = new Map<number, string>();
  /** Those that have no packet identifier yet, in their order. */
  readonly #unsent = new Set<string>();
  #bytes = 0;

  constructor(limits: QueueLimits, totals: QueuedTotals) {
    this.#limits = limits;
    this.#totals = totals;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of its messages, as if nobody else waited for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A message that two filters matched is queued once, with the higher QoS [MQTT-3.3.5-1]. */
  add(shared: SharedMessage, qos: QoS, queuedMs: number, group?: string): void {
    const known = this.#entries.get(shared.key);
    if (known !== undefined) {
      if (known.packet.qos < qos) known.packet.qos = qos;
      return;
    }
    const packet = copyFor(shared, qos, group);
    this.#enter(shared.key, { packet, shared, queuedMs, isRepeated: false });
    this.#unsent.add(shared.key);
  }

  /** One of another run, as it was. */
  restore(shared: SharedMessage | undefined, entry: WaitingEntry): void {
    const [message, qos, queuedMs, messageId, state, group] = entry;
    const key = shared?.key ?? String(message);
    if (this.#entries.has(key)) return;
    if (shared === undefined) {
      this.#enter(key, { packet: pubrel(messageId), shared, queuedMs, isRepeated: false });
    } else {
      const packet = copyFor(shared, qos, group);
      this.#enter(key, { packet, shared, queuedMs, isRepeated: state === 'repeated' });
      this.#unsent.add(key);
    }
    if (messageId !== NO_ID) this.#isSent(key, messageId);
  }

  /** The message is sent with this packet identifier. */
  number(key: string, messageId: number): void {
    const entry = this.#entries.get(key);
    if (entry?.shared === undefined) return;
    if (entry.packet.messageId !== undefined) entry.isRepeated = true;
    this.#isSent(key, messageId);
  }

  /** The client has the message with this identifier: a pubrel takes its place. */
  release(messageId: number): void {
    const entry = this.#entries.get(this.#keyByMessageId.get(messageId) ?? '');
    if (entry?.shared === undefined) return;
    this.#weigh(entry.shared, -1);
    entry.shared = undefined;
    entry.packet = pubrel(messageId);
  }

  keyOfId(messageId: number | undefined): string | undefined {
    return messageId === undefined ? undefined : this.#keyByMessageId.get(messageId);
  }

  packet(key: string | undefined): StoredPacket | undefined {
    return key === undefined ? undefined : this.#entries.get(key)?.packet;
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#unsent.delete(key);
    this.#totals.left();
    if (entry.shared !== undefined) this.#weigh(entry.shared, -1);
    const { messageId } = entry.packet;
    if (messageId !== undefined && this.#keyByMessageId.get(messageId) === key)
      this.#keyByMessageId.delete(messageId);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.remove(key);
  }

  /** The oldest that must go for it to be within its limits; never the newest. */
  excess(): string[] {
    const { maxQueuedMessages, maxQueuedBytes } = this.#limits;
    let [size, bytes] = [this.size, this.#bytes];
    const keys: string[] = [];
    for (const [key, { shared }] of this.#entries) {
      if (size <= 1 || (size <= maxQueuedMessages && bytes <= maxQueuedBytes)) break;
      keys.push(key);
      size--;
      bytes -= shared?.bytes ?? 0;
    }
    return keys;
  }

  /** The oldest message; a pubrel costs nothing. */
  oldest(): string | undefined {
    for (const [key, { shared }] of this.#entries) if (shared !== undefined) return key;
    return undefined;
  }

  /**
   * Messages that wait since before. A pubrel does not grow old: the broker has thrown its message away, and a client
   * that delivers at the pubrel would lose it.
   */
  *olderThan(lifeMs: number): Generator<string> {
    for (const [key, { shared, queuedMs }] of this.#entries) {
      if (queuedMs >= lifeMs) return;
      if (shared !== undefined) yield key;
    }
  }

  /** Whose time is over before they were sent (MQTT 5, Message Expiry Interval). */
  *over(lifeMs: number): Generator<string> {
    for (const key of this.#unsent) if (remainingS(this.packet(key) ?? {}, lifeMs) === 0) yield key;
  }

  /** Messages that came by a group and may still be another member's: QoS 2 ones only until they are sent [MQTT-4.8.2-5]. */
  *ofGroups(
    which: 'unsent' | 'unacknowledged',
  ): Generator<readonly [key: string, message: StoredPacket, group: string]> {
    for (const [key, { packet, shared }] of this.#entries) {
      const { group, qos } = packet;
      const isSent = !this.#unsent.has(key);
      if (shared === undefined || group === undefined) continue;
      if (!isSent || (which === 'unacknowledged' && qos === 1)) yield [key, shared.packet, group];
    }
  }

  /** Nothing waits, and another may be sent. */
  get isCaughtUp(): boolean {
    return this.#unsent.size === 0 && this.#hasRoom;
  }

  isRepeated(packet: StoredPacket): boolean {
    return this.#entries.get(keyOf(packet))?.isRepeated ?? false;
  }

  usesId(messageId: number): boolean {
    return this.#keyByMessageId.has(messageId);
  }

  /** The next to be sent; undefined when there is none, or too many are under way. */
  next(): StoredPacket | undefined {
    const [first] = this.#unsent;
    return this.#hasRoom ? this.packet(first) : undefined;
  }

  /** Whether this message may be sent now: nothing waits ahead of it. One that is not here waits for nothing. */
  isTurnOf(packet: StoredPacket): boolean {
    const key = keyOf(packet);
    if (!this.#unsent.has(key)) return true;
    const [first] = this.#unsent;
    return first === key && this.#hasRoom;
  }

  /**
   * What aedes sends again to a client that is back: what has its packet identifier. The rest gets one where nobody
   * uses it (delivery/client.ts), as aedes numbers from anywhere and does not ask; unless aedes sends all by itself. A copy.
   */
  resent(): StoredPacket[] {
    const all = [...this.#entries.values()].map(({ packet }) => packet);
    const sent = all.filter(({ messageId }) => messageId !== undefined);
    if ((this.#limits.maxInflightOutbound ?? Infinity) < Infinity) return sent;
    return [...sent, ...all.filter(({ messageId }) => messageId === undefined)];
  }

  /** What it takes to restore each of them. */
  *waiting(): Generator<readonly [shared: SharedMessage | undefined, key: string, entry: WaitingEntry]> {
    for (const [key, { packet, shared, queuedMs, isRepeated }] of this.#entries) {
      const state = shared === undefined ? 'released' : isRepeated ? 'repeated' : 'new';
      const qos = shared === undefined ? 2 : packet.qos;
      const { messageId = NO_ID, group } = packet;
      const entry = [key, qos, queuedMs, messageId, state] as const;
      yield [shared, key, group === undefined ? entry : [...entry, group]];
    }
  }

  get #hasRoom(): boolean {
    const most = Math.min(this.#limits.maxInflightOutbound ?? Infinity, MOST_IDS);
    return this.#entries.size - this.#unsent.size < most;
  }

  #enter(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#totals.entered();
    if (entry.shared !== undefined) this.#weigh(entry.shared, 1);
  }

  #isSent(key: string, messageId: number): void {
    const packet = this.packet(key);
    if (packet === undefined) return;
    const before = packet.messageId;
    if (before !== undefined && this.#keyByMessageId.get(before) === key) this.#keyByMessageId.delete(before);
    packet.messageId = messageId;
    this.#keyByMessageId.set(messageId, key);
    this.#unsent.delete(key);
  }

  #weigh(shared: SharedMessage, sign: 1 | -1): void {
    this.#bytes += sign * shared.bytes;
    if (sign === 1) this.#totals.hold(shared);
    else this.#totals.letGo(shared);
  }
}

function copyFor(shared: SharedMessage, qos: QoS, group: string | undefined): StoredPacket {
  return Object.assign(copyOf(shared.packet), { qos }, group === undefined ? {} : { group });
}

/** It has neither topic nor payload. */
function pubrel(messageId: number): StoredPacket {
  return { cmd: 'pubrel', messageId } as StoredPacket;
}
