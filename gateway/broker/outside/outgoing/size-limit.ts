// How large a message an outside broker takes: as it tells (MQTT 5), or as it has shown by hanging up.
import type { Clock, Message } from '../../../../shared/ports.js';

/** How a connection ended: for a packet that was too large, without a word, or for another reason. */
export type ConnectionEnd = 'too_large' | 'hung_up' | 'other';

/** What was learned from an end may be wrong, or have been changed at the broker: later it is tried again. */
const LEARNED_FOR_MS = 3_600_000;
/** Nothing smaller is ever concluded: every broker takes a kilobyte. */
const LEAST_BYTES = 1024;

export class SizeLimit {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #told: number | undefined;
  #learned: { readonly bytes: number; readonly atMs: number } | undefined;
  /** The largest that was acknowledged so far. */
  #taken = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Bytes of a whole PUBLISH packet; undefined where nothing is known. */
  get bytes(): number | undefined {
    const { atMs = Number.NEGATIVE_INFINITY, bytes = Infinity } = this.#learned ?? {};
    const learned = this.#clock.monotonicMs() - atMs < LEARNED_FOR_MS ? bytes : Infinity;
    const least = Math.min(learned, this.#told ?? Infinity);
    return Number.isFinite(least) ? least : undefined;
  }

  /** At each connection; undefined where the broker says nothing. */
  told(bytes: number | undefined): void {
    this.#told = bytes;
  }

  taken(message: Message): void {
    this.#taken = Math.max(this.#taken, packetBytes(message));
  }

  /** Whether the broker has not shown yet that it takes a message of this size. */
  isUnproved(message: Message): boolean {
    return packetBytes(message) > Math.max(this.#taken, LEAST_BYTES);
  }

  /** It was not taken. How much less would be is not known: half, and half of that again, is soon found. */
  refused(message: Message): void {
    const bytes = Math.max(this.#taken, LEAST_BYTES, Math.floor(packetBytes(message) / 2));
    this.#learned = { bytes, atMs: this.#clock.monotonicMs() };
  }

  allows(message: Message): boolean {
    return packetBytes(message) <= (this.bytes ?? Infinity);
  }
}

/** As MQTT 5 counts it, without properties; MQTT 3.1.1 has one byte less. */
export function packetBytes({ topic, payload, qos }: Pick<Message, 'topic' | 'payload' | 'qos'>): number {
  const identifier = qos === 0 ? 0 : 2;
  const propertiesLength = 1;
  const remaining = 2 + Buffer.byteLength(topic) + identifier + propertiesLength + payload.length;
  return 1 + lengthBytes(remaining) + remaining;
}

/** Of the remaining length, seven bits a byte. */
function lengthBytes(remaining: number): number {
  if (remaining < 0x80) return 1;
  if (remaining < 0x4000) return 2;
  return remaining < 0x20_0000 ? 3 : 4;
}
