// Hands each message to everyone subscribed; stands in for aedes' `mq` option. aedes' own emitter stops all topics after
// 100 messages when one subscriber stalls, and lets a publisher wait for the slowest reader (DESIGN §7): this one
// waits for nobody, the bound on every connection's write buffer does the rest.
import { FilterTrie } from './topic-filter.js';
import type { StoredPacket } from './packet.js';

export type Deliver = (packet: StoredPacket, done: () => void) => void;
type Done = (error?: Error) => void;

export class Emitter {
  readonly #subscribers = new FilterTrie<Deliver>();
  readonly #emitted: (packet: StoredPacket) => void;
  readonly #waiting: StoredPacket[] = [];
  #emitting = false;
  #closed = true;

  /** `emitted` is told of every message after it was handed out. */
  constructor(emitted: (packet: StoredPacket) => void) {
    this.#emitted = emitted;
  }

  on(filter: string, deliver: Deliver, done?: () => void): this {
    this.#subscribers.add(filter, deliver);
    done?.();
    return this;
  }

  removeListener(filter: string, deliver: Deliver, done?: () => void): this {
    this.#subscribers.remove(filter, deliver);
    done?.();
    return this;
  }

  /** `done` comes in a later turn, always: it leads back into aedes' parser, which is not re-entrant. */
  emit(packet: StoredPacket, done?: Done): this {
    if (this.#closed) {
      if (done !== undefined) setImmediate(done, new Error('the broker is closed'));
      return this;
    }
    this.#waiting.push(packet);
    if (!this.#emitting) this.#emitWaiting();
    if (done !== undefined) setImmediate(done);
    return this;
  }

  open(): void {
    this.#closed = false;
  }

  close(done: () => void): void {
    this.#closed = true;
    setImmediate(done);
  }

  /**
   * A subscriber in the process may publish from its handler. That message waits until the one in hand has reached
   * everybody: else a client would get the higher number first, and aedes would drop the lower one as a duplicate.
   */
  #emitWaiting(): void {
    this.#emitting = true;
    try {
      for (let packet = this.#waiting.shift(); packet !== undefined; packet = this.#waiting.shift()) {
        for (const deliver of this.#subscribers.match(packet.topic)) deliver(packet, ignore);
        this.#emitted(packet);
      }
    } finally {
      this.#emitting = false;
    }
  }
}

function ignore(): void {
  // Delivery is not waited for; see the head of this file.
}
