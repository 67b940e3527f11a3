// Publishing without waiting: what the gateway says on its own account, bounded, with every failure counted.
import { asGatewayError } from '../shared/errors.js';
import { encodeJson } from '../shared/messages.js';
import type { Log, LogFields, MessageBus, QoS } from '../shared/ports.js';

export interface PublishOptions {
  readonly qos: QoS;
  readonly retain: boolean;
}

export const RETAINED: PublishOptions = { qos: 1, retain: true };
export const ONCE: PublishOptions = { qos: 1, retain: false };
/** For what the next message replaces anyway. */
export const RETAINED_LIGHT: PublishOptions = { qos: 0, retain: true };

/** Publishes that may be under way at once; more means that the broker or the store has stopped. */
const MOST_UNDER_WAY = 2000;

export interface OutletCounts {
  readonly published: number;
  readonly failed: number;
  /** Not even tried, because too many were under way. */
  readonly dropped: number;
}

export class Outlet {
  readonly #bus: MessageBus;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<void>>();
  readonly #counts = { published: 0, failed: 0, dropped: 0 };
  #complained = false;

  constructor(bus: MessageBus, log: Log) {
    this.#bus = bus;
    this.#log = log;
  }

  json(topic: string, message: unknown, options: PublishOptions): void {
    this.bytes(topic, encodeJson(message), options);
  }

  bytes(topic: string, payload: Uint8Array, options: PublishOptions): void {
    void this.sent(topic, payload, options);
  }

  /** Resolves when the message was taken, refused or dropped, each counted; never rejects. */
  async sent(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> {
    if (this.#underWay.size >= MOST_UNDER_WAY) {
      this.#counts.dropped += 1;
      this.#complain({ topic, code: 'queue_full' }, 'messages are dropped: too many wait to be published');
      return;
    }
    const publish = this.#publish(topic, payload, options).finally(() => this.#underWay.delete(publish));
    this.#underWay.add(publish);
    await publish;
  }

  counts(): OutletCounts {
    return { ...this.#counts };
  }

  /** Resolves when everything said so far was taken or refused. */
  async drained(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never rejects. One line in the log when it begins to fail and one when it works again, not one a message. */
  async #publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> {
    try {
      await this.#bus.publish({ topic, payload, ...options });
      this.#counts.published += 1;
      // Half, not one below: at the bound it would be two lines for each message.
      if (this.#complained && this.#underWay.size <= MOST_UNDER_WAY / 2) {
        this.#log.info({ ...this.#counts }, 'publishing works again');
        this.#complained = false;
      }
    } catch (thrown) {
      this.#counts.failed += 1;
      const error = asGatewayError(thrown);
      // A full store refuses each sample and nothing else: between them all works, and it has its own line a minute.
      if (error.code === 'store_full') return;
      this.#complain({ topic, code: error.code, err: error }, 'a message was not taken');
    }
  }

  #complain(facts: LogFields, message: string): void {
    if (!this.#complained) this.#log.warn(facts, message);
    this.#complained = true;
  }
}
