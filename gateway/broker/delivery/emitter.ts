// Hands each message to everyone subscribed; stands in for aedes' `mq` option. aedes' own emitter stops all topics after
// 100 messages when one subscriber stalls, and lets a publisher wait for the slowest reader: this one
// waits for nobody, the bound on every connection's write buffer does the rest. Clients get their messages straight
// from here, where aedes would copy each message twice for each of them.
import type { Granted } from '../mqtt/aedes-client.js';
import type { ClientDelivery } from './client.js';
import { remainingS, storedOf } from '../mqtt/packet.js';
import type { PacketOfAedes, StoredPacket } from '../mqtt/packet.js';
import { OutgoingMessage } from '../mqtt/publish-encoder.js';
import type { Groups } from './groups.js';
import type { Deliver } from './routes.js';

type Done = (error?: Error) => void;

interface Binding {
  readonly filter: string;
  readonly delivery: ClientDelivery;
  readonly granted: Granted;
}

export interface EmitterParts {
  readonly groups: Groups;
  /** Told of every message after it was handed out. */
  readonly emitted: (packet: StoredPacket) => void;
  /** The broker's time, by which messages expire. */
  readonly lifeMs: () => number;
}

export class Emitter {
  readonly #parts: EmitterParts;
  readonly #waiting: StoredPacket[] = [];
  #dones: Done[] = [];
  #binding: Binding | undefined;
  #emitting = false;
  #closed = true;

  constructor(parts: EmitterParts) {
    this.#parts = parts;
  }

  /** A handler within the process. It is called in the publisher's turn and must not throw. */
  handle(filter: string, deliver: Deliver): () => void {
    this.#parts.groups.routes.add(filter, { deliver });
    return () => {
      this.#parts.groups.routes.remove(filter, deliver);
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
    if (binding?.filter === filter) this.#parts.groups.routes.add(filter, { deliver, behind: binding });
    else this.#parts.groups.routes.add(filter, { deliver });
    done?.();
    return this;
  }

  removeListener(filter: string, deliver: Deliver, done?: () => void): this {
    this.#parts.groups.routes.remove(filter, deliver);
    done?.();
    return this;
  }

  /** Who may read what has changed. */
  rightsChanged(): void {
    this.#parts.groups.routes.forget();
  }

  /** `done` comes in a later turn, always: it leads back into aedes' parser, which is not re-entrant. */
  emit(emitted: PacketOfAedes, done?: Done): this {
    if (this.#closed) {
      if (done !== undefined) setImmediate(done, new Error('the broker is closed'));
      return this;
    }
    this.emitStored(storedOf(emitted));
    if (done !== undefined) this.#later(done);
    return this;
  }

  /** One that did not come by aedes. */
  emitStored(packet: StoredPacket): void {
    if (this.#closed) return;
    this.#waiting.push(packet);
    if (!this.#emitting) this.#emitWaiting();
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
        this.#parts.emitted(packet);
      }
    } finally {
      this.#emitting = false;
    }
  }

  #handOut(packet: StoredPacket): void {
    const { groups, lifeMs } = this.#parts;
    const route = groups.routes.of(packet.topic);
    const { handlers, receivers, refused } = route;
    for (const deliver of handlers) deliver(packet, ignore);
    for (const delivery of refused) delivery.refuse(packet);
    if (receivers.length === 0 && route.groups.length === 0) return;
    // The clock is asked for those that expire alone.
    const leftS = packet.expiresMs === undefined ? undefined : remainingS(packet, lifeMs());
    const message = new OutgoingMessage(packet, packet.frame, leftS);
    for (const { delivery, grant, ofOwn } of receivers) {
      if (ofOwn === grant || packet.clientId !== delivery.client.id) delivery.send(packet, message, grant);
      else if (ofOwn !== undefined) delivery.send(packet, message, ofOwn);
    }
    if (route.groups.length > 0)
      for (const group of route.groups) {
        const member = groups.receiver(packet, group, route);
        member?.delivery.send(packet, message, member.grant, group.name);
      }
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
