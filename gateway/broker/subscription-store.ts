// The subscriptions of persistent sessions: what a session gets back when its client returns, and who queues a message.
import type { QoS } from '../../shared/ports.js';
import { FilterTrie } from './topic-filter.js';

export interface StoredSubscription {
  readonly topic: string;
  readonly qos: QoS;
  readonly rh?: number | undefined;
  readonly rap?: boolean | undefined;
  readonly nl?: boolean | undefined;
  readonly subscriptionIdentifier?: number;
}

export interface QueueingSubscription extends Omit<StoredSubscription, 'subscriptionIdentifier'> {
  readonly clientId: string;
}

interface Kept {
  readonly restored: StoredSubscription;
  readonly queueing: QueueingSubscription;
}

export class SubscriptionStore {
  readonly #sessions = new Map<string, Map<string, Kept>>();
  readonly #trie = new FilterTrie<QueueingSubscription>();
  readonly #mostOfASession: number;
  #queueing = 0;
  #count = 0;

  /** What a session subscribes beyond its most is not kept: the client was told so when it subscribed. */
  constructor(mostOfASession: number) {
    this.#mostOfASession = mostOfASession;
  }

  /** Sessions, the longest known first. */
  get sessions(): IterableIterator<string> {
    return this.#sessions.keys();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Subscriptions that queue: those with QoS 1 and 2. */
  get queueingCount(): number {
    return this.#queueing;
  }

  /** Subscriptions of all sessions. */
  get count(): number {
    return this.#count;
  }

  add(clientId: string, subscriptions: readonly StoredSubscription[]): void {
    let session = this.#sessions.get(clientId);
    if (session === undefined) this.#sessions.set(clientId, (session = new Map<string, Kept>()));
    for (const subscription of subscriptions) {
      const { topic, qos, rh, rap, nl } = subscription;
      if (session.size >= this.#mostOfASession && !session.has(topic)) continue;
      this.#unfile(session.get(topic));
      const kept = { restored: restoredOf(subscription), queueing: { clientId, topic, qos, rh, rap, nl } };
      if (!session.has(topic)) this.#count++;
      session.set(topic, kept);
      this.#file(kept);
    }
  }

  remove(clientId: string, filters: readonly string[]): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const filter of filters) {
      this.#unfile(session.get(filter));
      if (session.delete(filter)) this.#count--;
    }
    if (session.size === 0) this.#sessions.delete(clientId);
  }

  forget(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const kept of session.values()) this.#unfile(kept);
    this.#count -= session.size;
    this.#sessions.delete(clientId);
  }

  of(clientId: string): StoredSubscription[] {
    return [...(this.#sessions.get(clientId)?.values() ?? [])].map(({ restored }) => restored);
  }

  /** Who must get a QoS 1 or 2 message of this topic even when not connected. */
  matching(topic: string): QueueingSubscription[] {
    return this.#trie.match(topic);
  }

  *clientsOf(filter: string): Generator<string> {
    for (const [clientId, session] of this.#sessions) if (session.has(filter)) yield clientId;
  }

  #file({ queueing }: Kept): void {
    if (queueing.qos === 0) return;
    this.#trie.add(queueing.topic, queueing);
    this.#queueing++;
  }

  #unfile(kept: Kept | undefined): void {
    if (kept === undefined || kept.queueing.qos === 0) return;
    this.#trie.remove(kept.queueing.topic, kept.queueing);
    this.#queueing--;
  }
}

function restoredOf(subscription: StoredSubscription): StoredSubscription {
  const { topic, qos, rh, rap, nl, subscriptionIdentifier } = subscription;
  const restored = { topic, qos, rh, rap, nl };
  return subscriptionIdentifier === undefined ? restored : { ...restored, subscriptionIdentifier };
}
