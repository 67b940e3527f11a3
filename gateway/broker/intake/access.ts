// Who may publish and read what: the rights of users (an ACL file), and above them what nobody from outside may say,
// because it is the gateway's own word: docs/topics.md has which.
import type { Topics } from '../../../shared/topics.js';
import { EVERY_RIGHT, type Rights, type User } from '../rights/rights.js';

/**
 * `drop` and `forbid` are acknowledged and delivered to nobody, as Mosquitto does with a denied publish: `drop` is
 * what nobody may say, `forbid` what this user may not.
 */
export type PublishDecision = 'allow' | 'drop' | 'forbid';

/** Where a dropped message goes. Starts with `$`, so no wildcard sees it, and nobody may read it. */
export const DROPPED_TOPIC = '$dropped';

/** What the broker tells of itself as Mosquitto does. Below `$SYS/` aedes has topics of its own, which are nobody's. */
export const SYS_ROOT = '$SYS/broker';

/** Topics that are the broker's, not messages: Mosquitto lets nobody publish to them either. */
const BROKERS_OWN = /^\$(SYS|share|CONTROL|dropped)/;

export class Access {
  readonly #topics: Topics;
  readonly #told: ReadonlySet<string>;
  readonly #listeners = new Set<() => void>();
  #rights: Rights = EVERY_RIGHT;
  #generation = 0;

  /** `told`: elsewhere the gateway says something on these topics, too. */
  constructor(topics: Topics, told: ReadonlySet<string> = new Set()) {
    this.#topics = topics;
    this.#told = told;
  }

  /** Grows with every change of rights: a decision that was kept from an earlier one no longer holds. */
  get generation(): number {
    return this.#generation;
  }

  /** Told after every change of rights; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  useRights(rights: Rights): void {
    this.#rights = rights;
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }

  publishFromOutside(user: User, clientId: string, topic: string): PublishDecision {
    if (BROKERS_OWN.test(topic)) return 'drop';
    const { root } = this.#topics;
    const isBelowRoot = topic === root || topic.startsWith(`${root}/`);
    if (isBelowRoot && !this.#isForGateway(topic)) return 'drop';
    return this.#rights.mayWrite(user, clientId, topic) ? 'allow' : 'forbid';
  }

  /**
   * Asked at every delivery: aedes restores a session's subscriptions without asking again. Depends on nothing but
   * its arguments and the generation, so the answer may be kept until `onChange`.
   */
  mayRead(user: User, clientId: string, topic: string): boolean {
    if (topic.startsWith('$') && !isTold(topic)) return false;
    return this.#rights.mayRead(user, clientId, topic);
  }

  /**
   * Whether an answer may go to a topic that a client names: nobody borrows the gateway's rights, nor makes it say in its
   * own name what is another's.
   */
  mayNameForAnswer(user: User, clientId: string, topic: string): boolean {
    const { root } = this.#topics;
    if (topic.startsWith('$') || topic === root || topic.startsWith(`${root}/`)) return false;
    if (topic === '' || /[+#\0]/.test(topic)) return false;
    return this.#rights.mayWrite(user, clientId, topic) && this.mayRead(user, clientId, topic);
  }

  maySubscribe(user: User, clientId: string, filter: string): boolean {
    return filter !== DROPPED_TOPIC && this.#rights.maySubscribe(user, clientId, filter);
  }

  /** Commands, requests and telemetry are events: kept as retained they would happen again at every subscribe. */
  keepsRetained(topic: string): boolean {
    return topic !== DROPPED_TOPIC && !this.#isForGateway(topic);
  }

  /** What the gateway itself says: the configuration bounds how many there are, so no limit for clients counts here. */
  isGatewaysOwn(topic: string): boolean {
    if (topic.startsWith(`${SYS_ROOT}/`) || this.#told.has(topic)) return true;
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

/** Of the topics that begin with `$`. */
function isTold(topic: string): boolean {
  if (topic === DROPPED_TOPIC) return false;
  return !topic.startsWith('$SYS/') || topic.startsWith(`${SYS_ROOT}/`);
}
