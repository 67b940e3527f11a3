// The retained messages: one per topic, bounded in number and bytes.
import { Readable, Writable } from 'node:stream';
import { compact, payloadBytes, sizeOf } from './packet.js';
import type { StoredPacket } from './packet.js';
import { filterMatches } from './topic-filter.js';

export interface RetainedLimits {
  readonly maxRetained: number;
  readonly maxRetainedBytes: number;
}

export class RetainedStore {
  readonly #limits: RetainedLimits;
  readonly #packets = new Map<string, StoredPacket>();
  #bytes = 0;
  #payloadBytes = 0;
  #dropped = 0;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#packets.size;
  }

  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** All of them, as they are now. */
  all(): StoredPacket[] {
    return [...this.#packets.values()];
  }

  /** Messages that were not kept because the store was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * An empty payload clears the topic [MQTT-3.3.1-10]. What does not fit is counted and not kept. `unlimited`: what the
   * gateway says of itself, which a client that fills the store must not be able to erase.
   */
  store(packet: StoredPacket, unlimited = false): void {
    const before = this.#packets.get(packet.topic);
    if (packet.payload.length === 0) {
      this.#forget(before);
      return;
    }
    const bytes = this.#bytes - (before === undefined ? 0 : sizeOf(before)) + sizeOf(packet);
    const full = before === undefined && this.#packets.size >= this.#limits.maxRetained;
    if (!unlimited && (full || bytes > this.#limits.maxRetainedBytes)) {
      this.#dropped++;
      // An old value must not pass for the newest one.
      this.#forget(before);
      return;
    }
    this.#packets.set(packet.topic, { ...compact(packet) });
    this.#bytes = bytes;
    this.#payloadBytes += payloadBytes(packet) - (before === undefined ? 0 : payloadBytes(before));
  }

  /** What is kept now for the topics that any of the filters matches, each once. */
  *matching(filters: readonly string[]): Generator<StoredPacket> {
    for (const topic of this.#topics(filters)) {
      const packet = this.#packets.get(topic);
      if (packet !== undefined) yield packet;
    }
  }

  stream(filters: readonly string[]): Readable {
    return new RetainedStream(this.matching(filters));
  }

  #topics(filters: readonly string[]): string[] {
    const plain = filters.every((filter) => !filter.includes('+') && !filter.includes('#'));
    if (plain) return filters.filter((filter) => this.#packets.has(filter));
    // Most topics differ from a filter in its beginning: no need to take them apart.
    const wanted = filters.map((filter) => ({ filter, beginning: filter.replace(/\/?[+#].*$/s, '') }));
    return [...this.#packets.keys()].filter((topic) =>
      wanted.some(({ filter, beginning }) => topic.startsWith(beginning) && filterMatches(filter, topic)),
    );
  }

  #forget(packet: StoredPacket | undefined): void {
    if (packet === undefined) return;
    this.#packets.delete(packet.topic);
    this.#bytes -= sizeOf(packet);
    this.#payloadBytes -= payloadBytes(packet);
  }
}

/**
 * Hands aedes one packet at a time, read at the moment it is sent. Node's own `pipe` reads 32 ahead: a value that was
 * replaced in that time would reach the new subscriber after its live successor.
 */
class RetainedStream extends Readable {
  readonly #packets: Generator<StoredPacket>;

  constructor(packets: Generator<StoredPacket>) {
    super({ objectMode: true });
    this.#packets = packets;
  }

  override _read(): void {
    const next = this.#packets.next();
    this.push(next.done === true ? null : next.value);
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    if (!(destination instanceof Writable))
      throw new TypeError('aedes pipes retained messages into a Transform');
    this.#sendNext(destination);
    return destination;
  }

  #sendNext(destination: Writable): void {
    const next = this.#packets.next();
    if (next.done === true) destination.end();
    else
      destination.write(next.value, (error) => {
        if (error === null || error === undefined) this.#sendNext(destination);
      });
  }
}
