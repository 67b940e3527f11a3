// Who must get which message, and with what: the rules of MQTT 3.1.1 and 5 in their plainest form, beside the real ways of
// delivery.
import { filterMatches } from '../../../../gateway/broker/mqtt/topic-filter.js';

export type QoS = 0 | 1 | 2;
export type Version = 4 | 5;

export interface Subscribed {
  readonly filter: string;
  readonly qos: QoS;
  /** Of version 5. */
  readonly rap: boolean;
  readonly id: number | undefined;
}

export interface Published {
  readonly who: number;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Of version 5. */
  readonly withProperties: boolean;
}

/** As it reaches a client. */
export interface Delivered {
  readonly topic: string;
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
  /** Subscription identifiers, in order. */
  readonly ids: readonly number[];
  /** What was published with all. */
  readonly properties: 'all' | 'none' | 'some';
}

export class DeliveryModel {
  readonly #versions: readonly Version[];
  readonly #filters: Map<string, Subscribed>[];
  readonly #live: Delivered[][];
  readonly #published = new Map<string, Published>();
  #readable: readonly string[] = ['#'];

  constructor(versions: readonly Version[]) {
    this.#versions = versions;
    this.#filters = versions.map(() => new Map<string, Subscribed>());
    this.#live = versions.map(() => []);
  }

  allowed(filters: readonly string[]): void {
    this.#readable = filters;
  }

  subscribed(who: number, subscription: Subscribed): void {
    this.#filters[who]?.set(subscription.filter, subscription);
  }

  unsubscribed(who: number, filter: string): void {
    this.#filters[who]?.delete(filter);
  }

  published(text: string, message: Published): void {
    this.#published.set(text, message);
    if (!this.#readable.some((filter) => filterMatches(filter, message.topic))) return;
    for (const [who, filters] of this.#filters.entries()) {
      const matching = [...filters.values()].filter(({ filter }) => filterMatches(filter, message.topic));
      if (matching.length > 0) this.#live[who]?.push(this.#liveOf(who, text, message, matching));
    }
  }

  /** What must have come to a client as it was published, in order. */
  live(who: number): readonly Delivered[] {
    return this.#live[who] ?? [];
  }

  /** What is true of a message that came because it was retained, by whichever filter. */
  retained(who: number, text: string): Pick<Delivered, 'topic' | 'retain' | 'properties'> | undefined {
    const message = this.#published.get(text);
    if (message?.retain !== true) return undefined;
    return { topic: message.topic, retain: true, properties: this.#properties(who, message) };
  }

  #liveOf(who: number, text: string, message: Published, matching: readonly Subscribed[]): Delivered {
    const is5 = this.#versions[who] === 5;
    const most = Math.max(...matching.map(({ qos }) => qos));
    return {
      ...{ topic: message.topic, text, qos: Math.min(message.qos, most) },
      retain: is5 && message.retain && matching.some(({ rap }) => rap),
      ids: is5 ? matching.flatMap(({ id }) => id ?? []).toSorted((a, b) => a - b) : [],
      properties: this.#properties(who, message),
    };
  }

  #properties(who: number, { who: publisher, withProperties }: Published): 'all' | 'none' {
    const speak5 = this.#versions[who] === 5 && this.#versions[publisher] === 5;
    return withProperties && speak5 ? 'all' : 'none';
  }
}
