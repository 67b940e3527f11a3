// The retained messages: one per topic, bounded in number and bytes.
import { Readable, Writable } from 'node:stream';
import { payloadBytes, remainingS, sizeOf } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { RetainedTopics } from './topics.js';
import { RetainedWalks } from './walks.js';
import { levelsOf } from '../mqtt/topic-filter.js';

export interface RetainedLimits {
  readonly maxRetained: number;
  readonly maxRetainedBytes: number;
}

interface Kept {
  readonly packet: StoredPacket;
  /** What the gateway says of itself, which a client that fills the store must not be able to erase. */
  readonly isUnlimited: boolean;
}

export class RetainedStore {
  readonly #limits: RetainedLimits;
  readonly #lifeMs: () => number;
  readonly walks = new RetainedWalks();
  readonly #kept = new Map<string, Kept>();
  readonly #topics = new RetainedTopics();
  /** Of clients; what the gateway says itself is bounded by its configuration. */
  #count = 0;
  #bytes = 0;
  #payloadBytes = 0;
  #dropped = 0;

  /** `lifeMs`: the broker's time, by which they expire. */
  constructor(limits: RetainedLimits, lifeMs: () => number = () => 0) {
    this.#limits = limits;
    this.#lifeMs = lifeMs;
  }

  get size(): number {
    return this.#kept.size;
  }

  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** All of them, as they are now. */
  all(): StoredPacket[] {
    return [...this.#kept.values()].map(({ packet }) => packet);
  }

  /** Messages that were not kept because the store was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What was dropped until now was an earlier run's. */
  countFromHere(): void {
    this.#dropped = 0;
  }

  /**
   * What is to be done with this message. An empty payload clears the topic [MQTT-3.3.1-10]. What does not fit is counted,
   * and the old value goes, which must not pass for the newest one.
   */
  judge(packet: StoredPacket, isUnlimited: boolean): 'keep' | 'forget' | 'nothing' {
    const before = this.#kept.get(packet.topic);
    const forget = before === undefined ? 'nothing' : 'forget';
    if (packet.payload.length === 0) return forget;
    if (isUnlimited) return 'keep';
    const own = before?.isUnlimited === false ? before.packet : undefined;
    const count = this.#count + (own === undefined ? 1 : 0);
    const bytes = this.#bytes + bytesOf(packet) - (own === undefined ? 0 : bytesOf(own));
    if (count <= this.#limits.maxRetained && bytes <= this.#limits.maxRetainedBytes) return 'keep';
    this.#dropped++;
    return forget;
  }

  keep(packet: StoredPacket, isUnlimited: boolean): void {
    const before = this.#kept.get(packet.topic);
    if (before === undefined) this.#topics.add(packet.topic);
    else this.#weigh(before, -1);
    const kept = { packet, isUnlimited };
    this.#kept.set(packet.topic, kept);
    this.#weigh(kept, 1);
  }

  forget(topic: string): void {
    const kept = this.#kept.get(topic);
    if (kept === undefined) return;
    this.#kept.delete(topic);
    this.#topics.remove(topic);
    this.#weigh(kept, -1);
  }

  /** What is kept now for the topics that any of the filters matches, each once. */
  *matching(filters: readonly string[]): Generator<StoredPacket> {
    for (const packet of this.#sliced(filters)) if (packet !== undefined) yield packet;
  }

  stream(filters: readonly string[]): Readable {
    return new RetainedStream(this.#sliced(filters), this.walks);
  }

  /** Undefined where others should have their turn. */
  *#sliced(filters: readonly string[]): Generator<StoredPacket | undefined> {
    for (const topic of this.#topics.matching(filters)) {
      const packet = topic === undefined ? undefined : this.#kept.get(topic)?.packet;
      yield packet === undefined || this.#isOver(packet) ? undefined : packet;
    }
  }

  /** Topics whose message is over. */
  over(): string[] {
    return [...this.#kept.values()]
      .filter(({ packet }) => this.#isOver(packet))
      .map(({ packet }) => packet.topic);
  }

  #isOver(packet: StoredPacket): boolean {
    return remainingS(packet, this.#lifeMs()) === 0;
  }

  #weigh({ packet, isUnlimited }: Kept, sign: 1 | -1): void {
    this.#payloadBytes += sign * payloadBytes(packet);
    if (isUnlimited) return;
    this.#count += sign;
    this.#bytes += sign * bytesOf(packet);
  }
}

/** A level of a topic that no other has costs as much as a message. */
const LEVEL_BYTES = 100;

function bytesOf(packet: StoredPacket): number {
  return sizeOf(packet) + LEVEL_BYTES * levelsOf(packet.topic);
}

/** aedes makes a packet of its own of a retained message, and takes over of it only what stands in `properties`. */
interface OfAedes {
  readonly kept?: StoredPacket;
  readonly subscriptionIdentifier?: number;
}

function forAedes(packet: StoredPacket | undefined): unknown {
  if (packet?.properties === undefined && packet?.expiresMs === undefined) return packet;
  const { expiresMs: _, ...rest } = packet;
  return { ...rest, properties: { kept: packet } };
}

/** What aedes gave to a subscriber, as it is kept, with the identifier of the subscription. */
export function keptOf(packet: StoredPacket): OfAedes & { readonly kept: StoredPacket } {
  const { kept = packet, subscriptionIdentifier } = (packet.properties ?? {}) as OfAedes;
  const own = subscriptionIdentifier === undefined ? {} : { subscriptionIdentifier };
  if (kept !== packet) return { kept, ...own };
  const { properties: _, ...plain } = packet;
  return { kept: plain, ...own };
}

/** Messages in one turn. */
const MOST_AT_ONCE = 100;

/**
 * Hands aedes one packet at a time, read at the moment it is sent. Node's own `pipe` reads 32 ahead: a value that was
 * replaced in that time would reach the new subscriber after its live successor.
 */
class RetainedStream extends Readable {
  readonly #packets: Generator<StoredPacket | undefined>;
  readonly #walks: RetainedWalks;
  #sent = 0;

  constructor(packets: Generator<StoredPacket | undefined>, walks: RetainedWalks) {
    super({ objectMode: true });
    this.#packets = packets;
    this.#walks = walks;
  }

  override _read(): void {
    let next = this.#packets.next();
    while (next.done !== true && next.value === undefined) next = this.#packets.next();
    this.push(next.done === true ? null : forAedes(next.value));
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    if (!(destination instanceof Writable))
      throw new TypeError('aedes pipes retained messages into a Transform');
    this.#sendNext(destination, this.#walks.begin());
    return destination;
  }

  #sendNext(destination: Writable, ended: () => void): void {
    const next = this.#packets.next();
    if (next.done === true) {
      destination.end();
      ended();
      return;
    }
    const goOn = (): void => {
      this.#sendNext(destination, ended);
    };
    if (next.value === undefined) {
      this.#walks.later(goOn);
      return;
    }
    destination.write(forAedes(next.value), (error) => {
      if (error !== null && error !== undefined) ended();
      else if (++this.#sent % MOST_AT_ONCE === 0) this.#walks.later(goOn);
      else goOn();
    });
  }
}
