// For brokers that give a subscription with a wildcard no retained messages (RabbitMQ's MQTT plugin until 3.12): each
// gateway's `info` is asked for by its exact topic, and what it lists and nobody said by then likewise.
import { ID_PATTERN, Topics } from '../../../../shared/topics.js';
import { afterMs } from './ticks.js';
import { DEVICE_TOPICS } from './topic-levels.js';
import { listOf, objectIn } from './unsure.js';

/** What a broker gives by a wildcard is here by then; only the rest is asked for. */
const PATIENCE_MS = 1000;
/** In one packet, which every broker takes. */
const MOST_AT_ONCE = 50;
const MOST_TOPICS = 3000;

export class ExactTopics {
  readonly #base: string;
  readonly #subscribe: (topics: string[]) => void;
  readonly #asked = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(base: string, subscribe: (topics: string[]) => void) {
    this.#base = base;
    this.#subscribe = subscribe;
  }

  /** A new connection knows no subscriptions. */
  connected(): void {
    this.#asked.clear();
    this.#seen.clear();
  }

  /** A gateway that something is known of. */
  gateway(gateway: string): void {
    if (!ID_PATTERN.test(gateway)) return;
    const topics = new Topics(this.#base, gateway);
    this.#ask([topics.info, topics.status]);
  }

  seen(topic: string): void {
    if (this.#seen.size < MOST_TOPICS) this.#seen.add(topic);
  }

  info(gateway: string, payload: Uint8Array): void {
    const devices = listOf(objectIn<{ devices: unknown }>(payload)?.devices);
    if (!ID_PATTERN.test(gateway)) return;
    const ids = devices.flatMap((id) => (typeof id === 'string' && ID_PATTERN.test(id) ? [id] : []));
    const topics = new Topics(this.#base, gateway);
    afterMs(PATIENCE_MS, () => {
      const wanted = ids.flatMap((id) => DEVICE_TOPICS.map((kind) => topics[kind](id)));
      this.#ask(wanted.filter((topic) => !this.#seen.has(topic)));
    });
  }

  #ask(topics: readonly string[]): void {
    const room = Math.max(0, MOST_TOPICS - this.#asked.size);
    const fresh = topics.filter((topic) => !this.#asked.has(topic)).slice(0, room);
    for (const topic of fresh) this.#asked.add(topic);
    for (let from = 0; from < fresh.length; from += MOST_AT_ONCE)
      this.#subscribe(fresh.slice(from, from + MOST_AT_ONCE));
  }
}
