// The short names that one client of MQTT 5 was given for topics (§3.3.2.3.4): the first topics that it is sent have them, as
// many as it takes and as are worth the memory.

import type { QoS } from '../../../shared/ports.js';
import { aliasBytes } from '../mqtt/message-properties.js';
import type { TopicAlias } from '../mqtt/message-properties.js';

/** Each is a topic in memory. */
const MOST = 32;

export class TopicAliases {
  readonly #most: number;
  readonly #known = new Map<string, TopicAlias>();
  /** Of the topic that was asked for last: the next message is of the same, mostly. */
  #lastTopic = '';
  #last: TopicAlias | undefined;

  /** `taken`: the client's Topic Alias Maximum. */
  constructor(taken: number) {
    this.#most = Math.min(taken, MOST);
  }

  /**
   * What the next message of this topic goes out with; undefined where all are given to others. None with QoS 2: MQTT.js (5.16)
   * hands such a message on with an empty topic (findings/mqtt-js-alias.sh).
   */
  of(topic: string, qos: QoS): TopicAlias | undefined {
    if (qos === 2) return undefined;
    if (topic === this.#lastTopic && this.#last !== undefined) return this.#last;
    const known = this.#known.get(topic);
    if (known !== undefined) {
      this.#lastTopic = topic;
      this.#last = known;
    }
    if (known !== undefined || this.#known.size >= this.#most) return known;
    const number = this.#known.size + 1;
    return { number, isKnown: false, bytes: aliasBytes(number) };
  }

  /** A message of this topic went out with it. */
  sent(topic: string, { number, isKnown, bytes }: TopicAlias): void {
    if (!isKnown) this.#known.set(topic, { number, isKnown: true, bytes });
  }
}
