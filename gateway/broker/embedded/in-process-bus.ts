// The embedded broker as the bridge sees it: publish and subscribe in the process, without a socket in between.
import { GatewayError } from '../../../shared/errors.js';
import type { Log, Message, MessageBus, QoS, Unsubscribe } from '../../../shared/ports.js';
import type { AckHandlers } from '../intake/ack-handlers.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { Emitter } from '../delivery/emitter.js';
import { sizeOf, type StoredPacket } from '../mqtt/packet.js';
import { PublishGate } from '../intake/publish-gate.js';
import type { BrokerLimits } from '../mqtt/limits.js';
import type { RetainedStore } from '../retained/store.js';
import type { Deliver } from '../delivery/routes.js';

export interface InProcessBusParts {
  readonly emitter: Emitter;
  readonly handlers: AckHandlers;
  readonly retained: RetainedStore;
  readonly counters: BrokerCounters;
  readonly log: Log;
  readonly limits: Pick<BrokerLimits, 'maxWaitingPublishes' | 'maxWaitingPublishBytes'>;
  /** Hands a message to aedes. */
  readonly send: (message: Message) => Promise<void>;
}

export class InProcessBus implements MessageBus {
  readonly #parts: InProcessBusParts;
  readonly #gate = new PublishGate();
  readonly #givingUp = new Set<(reason: GatewayError) => void>();
  #open = false;
  #waitingBytes = 0;

  constructor(parts: InProcessBusParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#open = true;
  }

  /** Messages that wait to be taken by a handler, or behind one that does, and what they cost. */
  get waiting(): { readonly count: number; readonly bytes: number } {
    return { count: this.#gate.size, bytes: this.#waitingBytes };
  }

  /** Rejects what still waits for a handler, and everything that comes later. */
  close(): void {
    this.#open = false;
    const reason = stopped();
    for (const giveUp of this.#givingUp) giveUp(reason);
    this.#givingUp.clear();
  }

  async publish(message: Message): Promise<void> {
    const { counters, handlers } = this.#parts;
    if (!this.#open) throw stopped();
    const bytes = sizeOf(message);
    this.#checkRoom(bytes);
    counters.messagesIn++;
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#givingUp.add(reject);
      const end = (error?: unknown): void => {
        this.#givingUp.delete(reject);
        if (error === undefined) resolve();
        // What a handler rejects with is its own, and goes to the publisher as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        else reject(error);
      };
      const proceed = (error?: unknown): void => {
        this.#waitingBytes -= bytes;
        if (error !== undefined) counters.unacknowledged++;
        if (error !== undefined || !this.#open) end(error ?? stopped());
        else
          this.#parts.send(message).then(() => {
            end();
          }, end);
      };
      // Its own samples were kept before they came here (OwnTelemetry).
      const work = message.kind === 'sample' ? undefined : handlers.run(message);
      this.#gate.enter({ work, emitsLater: false, proceed });
    });
  }

  async subscribe(filter: string, qos: QoS, handler: (message: Message) => void): Promise<Unsubscribe> {
    const { emitter, log } = this.#parts;
    const hand = (message: Message): void => {
      try {
        handler(message);
      } catch (err) {
        log.error({ err, filter, topic: message.topic }, 'a subscriber within the gateway threw');
      }
    };
    const deliver: Deliver = (packet, done) => {
      hand(messageOf(packet, qos));
      done();
    };
    const remove = emitter.handle(filter, deliver);
    for (const message of this.#retained(filter, qos)) hand(message);
    return Promise.resolve(async () => {
      remove();
      return Promise.resolve();
    });
  }

  async subscribeBeforeAck(
    filter: string,
    handler: (message: Message) => Promise<void>,
  ): Promise<Unsubscribe> {
    const remove = this.#parts.handlers.add(filter, handler);
    for (const message of this.#retained(filter, 2)) {
      handler(message).catch((err: unknown) => {
        this.#parts.log.warn({ err, topic: message.topic }, 'a retained message was not taken');
      });
    }
    return Promise.resolve(async () => {
      remove();
      return Promise.resolve();
    });
  }

  #checkRoom(bytes: number): void {
    const { maxWaitingPublishes, maxWaitingPublishBytes } = this.#parts.limits;
    const { size } = this.#gate;
    if (size < maxWaitingPublishes && this.#waitingBytes + bytes <= maxWaitingPublishBytes) return;
    const waiting = `${String(size)} messages of ${String(this.#waitingBytes)} bytes`;
    throw new GatewayError('queue_full', `${waiting} wait to be taken; publish less at once`);
  }

  /** A copy: handlers may publish retained messages themselves. */
  #retained(filter: string, qos: QoS): Message[] {
    return [...this.#parts.retained.matching([filter])].map((packet) => ({
      ...messageOf(packet, qos),
      retain: true,
    }));
  }
}

function messageOf(packet: StoredPacket, maxQos: QoS): Message {
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  return {
    topic: packet.topic,
    payload,
    qos: packet.qos < maxQos ? packet.qos : maxQos,
    retain: packet.retain,
  };
}

function stopped(): GatewayError {
  return new GatewayError('closed', 'the broker is not running');
}
