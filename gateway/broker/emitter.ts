// Hands each message to everyone subscribed; stands in for aedes' `mq` option. aedes' own emitter stops all topics after
// 100 messages when one subscriber stalls, and lets a publisher wait for the slowest reader (DESIGN §7): this one
// waits for nobody, the bound on every connection's write buffer does the rest. Clients get their messages straight
// from here, where aedes would copy each message twice for each of them.
import type { QoS } from '../../shared/ports.js';
import type { ClientDelivery } from './client-delivery.js';
import type { StoredPacket } from './packet.js';
import { OutgoingMessage } from './publish-encoder.js';
import { Routes } from './routes.js';
import type { Deliver } from './routes.js';

type Done = (error?: Error) => void;

interface Binding {
  readonly filter: string;
  readonly delivery: ClientDelivery;
  readonly qos: QoS;
}

export class Emitter {
  readonly #routes = new Routes();
  readonly #emitted: (packet: StoredPacket) => void;
  readonly #waiting: StoredPacket[] = [];
  #dones: Done[] = [];
  #binding: Binding | undefined;
  #emitting = false;
  #closed = true;

  /** `emitted` is told of every message after it was handed out. */
  constructor(emitted: (packet: StoredPacket) => void) {
    this.#emitted = emitted;
  }

  /** A handler within the process. It is called in the publisher's turn and must not throw. */
  handle(filter: string, deliver: Deliver): () => void {
    this.#routes.add(filter, { deliver });
    return () => {
      this.#routes.remove(filter, deliver);
    };
  }

  /**
   * aedes' `on` does not say for whom it subscribes, but it comes in the turn in which a subscription is allowed: what
   * `allow` leads to is filed for this client. Without it aedes delivers by its own function.
   */
  bind(binding: Binding, allow: () => void): void {
    this.#binding = binding;
    try {
      allow();
    } finally {
      this.#binding = undefined;
    }
  }

  on(filter: string, deliver: Deliver, done?: () => void): this {
    const binding = this.#binding;
    this.#binding = undefined;
    if (binding?.filter === filter) this.#routes.add(filter, { deliver, behind: binding });
    else this.#routes.add(filter, { deliver });
    done?.();
    return this;
  }

  removeListener(filter: string, deliver: Deliver, done?: () => void): this {
    this.#routes.remove(filter, deliver);
    done?.();
    return this;
  }

  /** Who may read what has changed. */
  rightsChanged(): void {
    this.#routes.forget();
  }

  /** `done` comes in a later turn, always: it leads back into aedes' parser, which is not re-entrant. */
  emit(packet: StoredPacket, done?: Done): this {
    if (this.#closed) {
      if (done !== undefined) setImmediate(done, new Error('the broker is closed'));
      return this;
    }
    this.#waiting.push(packet);
    if (!this.#emitting) this.#emitWaiting();
    if (done !== undefined) this.#later(done);
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
   * everybody: else a client would get the answer before the question.
   */
  #emitWaiting(): void {
    this.#emitting = true;
    try {
      for (let packet = this.#waiting.shift(); packet !== undefined; packet = this.#waiting.shift()) {
        this.#handOut(packet);
        this.#emitted(packet);
      }
    } finally {
      this.#emitting = false;
    }
  }

  #handOut(packet: StoredPacket): void {
    const { handlers, receivers, refused } = this.#routes.of(packet.topic);
    for (const deliver of handlers) deliver(packet, ignore);
    for (const delivery of refused) delivery.refuse(packet);
    if (receivers.length === 0) return;
    const message = new OutgoingMessage(packet, packet.frame);
    for (const { delivery, qos } of receivers) delivery.send(packet, message, qos);
  }

  /** One turn for all: one for each message is what a flood of small messages costs most. */
  #later(done: Done): void {
    this.#dones.push(done);
    if (this.#dones.length > 1) return;
    setImmediate(() => {
      const dones = this.#dones;
      this.#dones = [];
      for (const call of dones) call();
    });
  }
}

function ignore(): void {
  // Delivery is not waited for; see the head of this file.
}
