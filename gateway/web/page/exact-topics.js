// For brokers that give a subscription with a wildcard no retained messages (RabbitMQ's MQTT plugin until 3.12): each
// gateway's `info` is asked for by its exact topic, and what it lists and nobody said by then likewise.
/* global setTimeout */
import { parseObject } from './format.js';

const ID = /^[a-z0-9_-]+$/;
/** What a broker gives by a wildcard is here by then; only the rest is asked for. */
const PATIENCE_MS = 1000;
/** In one packet, which every broker takes. */
const MOST_AT_ONCE = 50;

export class ExactTopics {
  #client;
  #base;
  #kinds;
  #mostDevices;
  #asked = new Set();
  #seen = new Set();

  constructor(client, { base, kinds, mostDevices }) {
    this.#client = client;
    this.#base = base;
    this.#kinds = kinds;
    this.#mostDevices = mostDevices;
  }

  /** A new connection knows no subscriptions. */
  connected() {
    this.#asked.clear();
    this.#seen.clear();
  }

  /** A gateway that something is known of. */
  gateway(gateway) {
    if (ID.test(gateway)) this.#ask([`${this.#base}/${gateway}/info`, `${this.#base}/${gateway}/status`]);
  }

  seen(topic) {
    if (this.#seen.size < this.#mostDevices * this.#kinds.length) this.#seen.add(topic);
  }

  info(gateway, payload) {
    const devices = parseObject(payload)?.devices;
    if (!ID.test(gateway) || !Array.isArray(devices)) return;
    const ids = devices.filter((id) => typeof id === 'string' && ID.test(id)).slice(0, this.#mostDevices);
    setTimeout(() => {
      const topics = ids.flatMap((id) =>
        this.#kinds.map((kind) => `${this.#base}/${gateway}/device/${id}/${kind}`),
      );
      this.#ask(topics.filter((topic) => !this.#seen.has(topic)));
    }, PATIENCE_MS);
  }

  #ask(topics) {
    const fresh = topics.filter((topic) => !this.#asked.has(topic));
    const room = this.#mostDevices * (this.#kinds.length + 2) - this.#asked.size;
    const asked = fresh.slice(0, Math.max(0, room));
    for (const topic of asked) this.#asked.add(topic);
    for (let from = 0; from < asked.length; from += MOST_AT_ONCE) {
      this.#client.subscribe(asked.slice(from, from + MOST_AT_ONCE), { qos: 1 });
    }
  }
}
