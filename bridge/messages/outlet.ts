// Publishing without waiting: what the gateway says on its own account, with every failure counted. How much may wait is
// bounded by the bus, by kind.
import { asGatewayError, type GatewayError } from '../../shared/errors.js';
import { encodeJson } from '../../shared/messages.js';
import type { AnswerPlace, Log, Message, MessageBus } from '../../shared/ports.js';

export type PublishOptions = Pick<Message, 'qos' | 'retain' | 'kind' | 'contentType' | 'correlationData'>;

export const RETAINED: PublishOptions = { qos: 1, retain: true };
export const ONCE: PublishOptions = { qos: 1, retain: false };
export const SAMPLE: PublishOptions = { qos: 1, retain: false, kind: 'sample' };
export const REPLY: PublishOptions = {
  qos: 1,
  retain: false,
  kind: 'reply',
  contentType: 'application/json',
};
/** For what the next message replaces anyway. */
export const RETAINED_LIGHT: PublishOptions = { qos: 0, retain: true };

const FEW_UNDER_WAY = 1000;
/** Topics of messages too large for the broker whose last was said already. */
const MOST_TOPICS = 1000;

export interface OutletCounts {
  readonly published: number;
  readonly failed: number;
  /** Those of them that the bus had no room for. */
  readonly dropped: number;
  /** Those of them that the broker takes no message of that size for. */
  readonly tooLarge: number;
}

/** Halved so often two megabytes are half a kilobyte, which every broker takes. */
export const MOST_TIMES_TOO_LARGE = 12;

export class Outlet {
  readonly #bus: Pick<MessageBus, 'publish'>;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #counts = { published: 0, failed: 0, dropped: 0, tooLarge: 0 };
  readonly #tooLarge = new Set<string>();
  readonly #keepers = new Map<string, (payload: Uint8Array) => Promise<void>>();
  #complained = false;

  constructor(bus: Pick<MessageBus, 'publish'>, log: Log) {
    this.#bus = bus;
    this.#log = log;
  }

  /** What is said on this topic goes to `keep` first, which never rejects, and out when that has settled. */
  keepFirst(topic: string, keep: (payload: Uint8Array) => Promise<void>): void {
    this.#keepers.set(topic, keep);
  }

  json(topic: string, message: unknown, options: PublishOptions): void {
    this.bytes(topic, encodeJson(message), options);
  }

  bytes(topic: string, payload: Uint8Array, options: PublishOptions): void {
    void this.sent(topic, payload, options);
  }

  /** Resolves when the message was taken (true), refused or dropped, each counted; never rejects. */
  async sent(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    return (await this.#tracked(topic, payload, options)) === undefined;
  }

  /**
   * An answer; where it is too large for the broker `instead` goes out, so that who waits for it is told, and as often as that
   * is too large as well: in the end it gives up. What went out goes to `also` too.
   */
  async answer(
    topic: string,
    payload: Uint8Array,
    instead: (error: GatewayError, times: number) => Uint8Array | Promise<Uint8Array>,
    also?: AnswerPlace,
  ): Promise<boolean> {
    let given = payload;
    let error = await this.#tracked(topic, given, REPLY);
    for (let times = 1; error?.code === 'too_large' && times <= MOST_TIMES_TOO_LARGE; times += 1) {
      given = await instead(error, times);
      error = await this.#tracked(topic, given, REPLY);
    }
    if (error === undefined && also !== undefined) {
      const { topic: place, ...own } = also;
      await this.#tracked(place, given, { ...REPLY, ...own });
    }
    return error === undefined;
  }

  counts(): OutletCounts {
    return { ...this.#counts };
  }

  /** Resolves when everything said so far was taken or refused. */
  async drained(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #tracked(
    topic: string,
    payload: Uint8Array,
    options: PublishOptions,
  ): Promise<GatewayError | undefined> {
    const publish = this.#publish(topic, payload, options).finally(() => this.#underWay.delete(publish));
    this.#underWay.add(publish);
    return publish;
  }

  /** Never rejects. With the error, where there was one. One line in the log when it begins to fail and one when it works again, not one a message. */
  async #publish(
    topic: string,
    payload: Uint8Array,
    options: PublishOptions,
  ): Promise<GatewayError | undefined> {
    const keep = this.#keepers.get(topic);
    if (keep !== undefined) await keep(payload);
    try {
      await this.#bus.publish({ topic, payload, ...options });
      this.#counts.published += 1;
      this.#tooLarge.delete(topic);
      // While a bus has no room, each message that leaves would make two lines.
      if (this.#complained && this.#underWay.size <= FEW_UNDER_WAY) {
        this.#log.info({ ...this.#counts }, 'publishing works again');
        this.#complained = false;
      }
      return undefined;
    } catch (thrown) {
      return this.#failed(topic, asGatewayError(thrown));
    }
  }

  #failed(topic: string, error: GatewayError): GatewayError {
    const { code } = error;
    this.#counts.failed += 1;
    if (code === 'queue_full') this.#counts.dropped += 1;
    if (code === 'too_large') {
      this.#counts.tooLarge += 1;
      this.#sayTooLarge(topic, error);
      return error;
    }
    // A full store refuses each sample and nothing else, and what an outside broker is away for is said by its connection.
    if (code === 'store_full' || code === 'broker_unreachable') return error;
    if (!this.#complained) this.#log.warn({ topic, code, err: error }, 'a message was not taken');
    this.#complained = true;
    return error;
  }

  /** Once a topic, until a message of it is taken. */
  #sayTooLarge(topic: string, { code, message }: GatewayError): void {
    if (this.#tooLarge.has(topic)) return;
    if (this.#tooLarge.size >= MOST_TOPICS) this.#tooLarge.clear();
    this.#tooLarge.add(topic);
    this.#log.warn({ topic, code }, message);
  }
}
