// Who may publish and read what. For now there are no users: whoever reaches loopback may read everything, and publish
// what is not the gateway's own word (DESIGN §3).
import type { Topics } from '../../shared/topics.js';

/** `drop`: acknowledged and delivered to nobody, as Mosquitto does with a denied publish. */
export type PublishDecision = 'allow' | 'drop';

/** Where a dropped message goes. Starts with `$`, so no wildcard sees it, and nobody may read it. */
export const DROPPED_TOPIC = '$dropped';

export class Access {
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  publishFromOutside(topic: string): PublishDecision {
    // `$SYS` is the broker's own.
    if (topic.startsWith('$')) return 'drop';
    const { root } = this.#topics;
    if (topic !== root && !topic.startsWith(`${root}/`)) return 'allow';
    return this.#isForGateway(topic) ? 'allow' : 'drop';
  }

  /** Asked at every delivery: aedes restores a session's subscriptions without asking again. */
  mayReceive(topic: string): boolean {
    return topic !== DROPPED_TOPIC;
  }

  maySubscribe(filter: string): boolean {
    return filter !== DROPPED_TOPIC;
  }

  /** Commands, requests and telemetry are events: kept as retained they would happen again at every subscribe. */
  keepsRetained(topic: string): boolean {
    return topic !== DROPPED_TOPIC && !this.#isForGateway(topic);
  }

  /** What only the gateway itself says: the configuration bounds it, so no limit for clients counts here. */
  isGatewaysOwn(topic: string): boolean {
    return topic.startsWith(`${this.#topics.root}/`) && !this.#isForGateway(topic);
  }

  #isForGateway(topic: string): boolean {
    const topics = this.#topics;
    return (
      topics.parseCommand(topic) !== undefined ||
      topics.parseRequest(topic) !== undefined ||
      topics.parseTelemetry(topic) !== undefined
    );
  }
}
