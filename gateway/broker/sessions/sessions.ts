// All sessions, by client id. What happens to one comes as a fact and is applied here, whether it was decided a moment ago
// or in an earlier run: sessions are made, counted and forgotten nowhere else.
import { copyOf } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { matchedBy } from '../mqtt/shared-filter.js';
import { FilterTrie, levelsOf } from '../mqtt/topic-filter.js';
import type { Fact, QueuedFor, WaitingEntry, Will } from './fact.js';
import type { OutgoingQueue, QueueLimits } from './outgoing-queue.js';
import { Session, type KeptSubscription } from './session.js';
import { QueuedTotals, sharedMessage } from './shared-message.js';
import type { SharedMessage } from './shared-message.js';
import { subscriptionOf } from './subscription.js';
import type { QueueingSubscription, StoredSubscription } from './subscription.js';

/** A session as it is at one moment, fit to be written down. */
export interface SessionState {
  readonly clientId: string;
  readonly subscriptions: readonly StoredSubscription[];
  readonly waiting: readonly (readonly [shared: SharedMessage | undefined, key: string, WaitingEntry])[];
  readonly incoming: readonly number[];
  readonly will: Will | undefined;
  readonly awaySinceMs: number | undefined;
  readonly keptForMs: number | undefined;
}

/** What happens within one session. */
type OwnFact = Exclude<
  Fact,
  readonly ['alive' | 'retained' | 'unretained' | 'queued' | 'message' | 'will' | 'forgotten', ...unknown[]]
>;

export class Sessions {
  readonly totals = new QueuedTotals();
  readonly #limits: QueueLimits;
  readonly #byClient = new Map<string, Session>();
  readonly #trie = new FilterTrie<QueueingSubscription>();
  /** Of the journal that is being read, by number. */
  readonly #messages = new Map<number, SharedMessage>();
  #persistent = 0;
  #subscriptions = 0;
  #queueing = 0;
  #levels = 0;
  #filterBytes = 0;
  #willBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Those that outlive their connections, the longest known first. */
  *persistent(): Generator<Session> {
    for (const session of this.#byClient.values()) if (session.isPersistent) yield session;
  }

  get persistentCount(): number {
    return this.#persistent;
  }

  get subscriptionCount(): number {
    return this.#subscriptions;
  }

  /** Subscriptions that queue: those with QoS 1 and 2. */
  get queueingCount(): number {
    return this.#queueing;
  }

  /** Levels of all filters. */
  get levels(): number {
    return this.#levels;
  }

  /** Bytes of all filters. */
  get filterBytes(): number {
    return this.#filterBytes;
  }

  /** What all wills cost. */
  get willBytes(): number {
    return this.#willBytes;
  }

  get(clientId: string): Session | undefined {
    return this.#byClient.get(clientId);
  }

  queueOf(clientId: string): OutgoingQueue | undefined {
    return this.#byClient.get(clientId)?.queue;
  }

  *wills(): Generator<Will> {
    for (const { will } of this.#byClient.values()) if (will !== undefined) yield will;
  }

  /** Who must get a QoS 1 or 2 message of this topic even when not connected. */
  matching(topic: string): QueueingSubscription[] {
    return this.#trie.match(topic);
  }

  all(): Iterable<Session> {
    return this.#byClient.values();
  }

  /** A QoS 2 message of a client that said clean: it ends with the connection, and is no fact. */
  takePassing(clientId: string, messageId: number): void {
    this.#change(clientId, (session) => {
      session.isPassing = true;
      session.incoming.add(messageId);
    });
  }

  /** A fact of a session; others are none of its business. */
  apply(fact: Fact): void {
    switch (fact[0]) {
      case 'queued':
        this.#queued(fact[1], fact[2], fact[3]);
        return;
      case 'message':
        this.#messages.set(fact[1], sharedMessage(copyOf(fact[2])));
        return;
      case 'alive':
      case 'retained':
      case 'unretained':
        return;
      case 'will':
        this.#change(fact[1].clientId, (session) => {
          this.#leave(session, fact[1]);
        });
        return;
      case 'forgotten':
        this.#change(fact[1], (session) => {
          this.#forget(session);
        });
        return;
      default:
        this.#change(fact[1], (session) => {
          this.#happened(session, fact);
        });
    }
  }

  /** What was read is all there. */
  restored(): void {
    this.#messages.clear();
  }

  /** Copies: what they hold is changed later, and the copies are not. */
  state(): SessionState[] {
    const kept = [...this.#byClient.values()].filter(
      (session) => session.isPersistent || session.will !== undefined,
    );
    return kept.map((session) => ({
      clientId: session.clientId,
      subscriptions: [...session.subscriptions.values()].map(({ restored }) => restored),
      waiting: [...session.queue.waiting()],
      incoming: session.isPassing ? [] : [...session.incoming],
      will: session.will,
      awaySinceMs: session.isPersistent ? session.awaySinceMs : undefined,
      keptForMs: session.isPersistent ? session.keptForMs : undefined,
    }));
  }

  #happened(session: Session, fact: OwnFact): void {
    switch (fact[0]) {
      case 'subscribed':
        for (const subscription of fact[2]) this.#subscribe(session, subscription);
        return;
      case 'unsubscribed':
        for (const filter of fact[2]) this.#unsubscribe(session, filter);
        return;
      case 'waiting':
        for (const entry of fact[2]) this.#restore(session.queue, entry);
        return;
      case 'numbered':
        session.queue.number(fact[2], fact[3]);
        return;
      case 'released':
        session.queue.release(fact[2]);
        return;
      case 'acknowledged':
        session.queue.remove(session.queue.keyOfId(fact[2]) ?? '');
        return;
      case 'dropped':
        for (const key of fact[2]) session.queue.remove(key);
        return;
      case 'incoming':
        session.incoming.add(fact[2]);
        return;
      case 'completed':
        for (const id of fact[2]) session.incoming.delete(id);
        return;
      case 'willGone':
        this.#leave(session, undefined);
        return;
      case 'away':
        session.awaySinceMs = fact[2];
        return;
      case 'back':
        session.awaySinceMs = undefined;
        return;
      case 'keptFor':
        session.keptForMs = fact[2] ?? undefined;
    }
  }

  /** The one place where a session comes, and goes when nothing is left of it. */
  #change(clientId: string, change: (session: Session) => void): void {
    const known = this.#byClient.get(clientId);
    const session = known ?? new Session(clientId, this.#limits, this.totals);
    const before = known?.isPersistent === true ? 1 : 0;
    change(session);
    if (session.incoming.size === 0) session.isPassing = false;
    const after = session.isPersistent ? 1 : 0;
    this.#persistent += after - before;
    if (after === 0) session.awaySinceMs = undefined;
    if (session.isEmpty) this.#byClient.delete(clientId);
    else if (known === undefined) this.#byClient.set(clientId, session);
  }

  #leave(session: Session, will: Will | undefined): void {
    this.#willBytes -= session.willBytes;
    session.will = will;
    this.#willBytes += session.willBytes;
  }

  #forget(session: Session): void {
    for (const filter of [...session.subscriptions.keys()]) this.#unsubscribe(session, filter);
    session.queue.clear();
    session.incoming.clear();
    session.awaySinceMs = undefined;
    session.keptForMs = undefined;
    session.isPassing = false;
  }

  #queued(packet: StoredPacket, lifeMs: number, receivers: readonly QueuedFor[]): void {
    const shared = sharedMessage(copyOf(packet));
    for (const [clientId, qos, group] of receivers)
      this.#change(clientId, ({ queue }) => {
        queue.add(shared, qos, lifeMs, group);
      });
  }

  #restore(queue: OutgoingQueue, entry: WaitingEntry): void {
    const [message, , , , state] = entry;
    const shared = typeof message === 'number' ? this.#messages.get(message) : undefined;
    // Its message was damaged.
    if (shared === undefined && state !== 'released') return;
    queue.restore(shared, entry);
  }

  #subscribe(session: Session, subscription: StoredSubscription): void {
    this.#unsubscribe(session, subscription.topic, true);
    const restored = subscriptionOf(subscription);
    const { topic, qos, rh, rap, nl } = restored;
    const queueing = { clientId: session.clientId, topic, qos, rh, rap, nl };
    const kept = { restored, queueing, levels: levelsOf(topic), bytes: Buffer.byteLength(topic) };
    session.subscriptions.set(topic, kept);
    this.#count(session, kept, 1);
    if (qos === 0) return;
    this.#trie.add(matchedBy(topic), queueing);
    this.#queueing++;
  }

  /** `isReplaced`: its place among the session's filters stays. */
  #unsubscribe(session: Session, filter: string, isReplaced = false): void {
    const kept = session.subscriptions.get(filter);
    if (kept === undefined) return;
    if (!isReplaced) session.subscriptions.delete(filter);
    this.#count(session, kept, -1);
    if (kept.queueing.qos === 0) return;
    this.#trie.remove(matchedBy(filter), kept.queueing);
    this.#queueing--;
  }

  #count(session: Session, { levels, bytes }: KeptSubscription, sign: 1 | -1): void {
    session.levels += sign * levels;
    session.filterBytes += sign * bytes;
    this.#levels += sign * levels;
    this.#filterBytes += sign * bytes;
    this.#subscriptions += sign;
  }
}
