// Asks a broker for one retained message back: whether it still has what it acknowledged.
import type { Clock, Message } from '../../../../shared/ports.js';
import { within } from '../../../../shared/within.js';
import type { Subscription } from '../link/connection.js';

/** What of a connection it takes. */
export interface Asked {
  subscribe(subscriptions: readonly Subscription[]): Promise<void>;
  unsubscribe(filters: readonly string[]): Promise<void>;
}

/** A retained message follows its SUBACK at once; a broker that has none says nothing. */
const PATIENCE_MS = 5000;
/** The largest there is (MQTT 5, 3.8.2.1.2): of no subscription of the gateway's. */
const IDENTIFIER = 268_435_455;

export class RetainedProbe {
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #first: Promise<Message>;
  #answer: (message: Message) => void = () => undefined;

  constructor(topic: string, clock: Clock) {
    this.#topic = topic;
    this.#clock = clock;
    this.#first = new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** A message came from the broker; returns whether it was for the probe. */
  takes(message: Message): boolean {
    if (message.topic !== this.#topic) return false;
    this.#answer(message);
    return true;
  }

  /**
   * The first message on the topic; undefined where none came. Sent before anything is published on the connection, it
   * is the retained one: packets of one connection are handled in their order. Rejects where the broker refuses, and
   * may never settle where the connection ends.
   */
  async ask(connection: Asked): Promise<Message | undefined> {
    await connection.subscribe([{ filter: this.#topic, identifier: IDENTIFIER }]);
    const outcome = await within(this.#first, PATIENCE_MS, this.#clock);
    await connection.unsubscribe([this.#topic]);
    return outcome === 'ended' ? this.#first : undefined;
  }
}
