// aedes' persistence, in memory, without its own store's losses (docs/architecture.md#aedes): the methods between a
// message's number and its delivery end synchronously. Those whose continuation goes straight back to aedes' parser,
// which is not re-entrant, stay asynchronous: their effect is there at once, their callback comes a turn later.
//
// What a call changes is decided here, as facts; applying them is all that changes the state (sessions/fact.ts).
import { Readable } from 'node:stream';
import { compact, storedOf } from '../mqtt/packet.js';
import type { PacketOfAedes, StoredPacket } from '../mqtt/packet.js';
import type { BrokerRef, ClientRef, PersistenceOptions, PersistenceState } from './persistence-state.js';
import { RetainedStore } from '../retained/store.js';
import { Attendance } from './attendance.js';
import type { Fact, Will } from './fact.js';
import { TOO_MANY_HALF_DONE } from './inbound-window.js';
import { IncomingMessages } from './incoming-messages.js';
import { Lifetime } from './lifetime.js';
import { OutgoingMessages, type Queueing } from './outgoing-messages.js';
import { SessionRoom } from './room.js';
import { Sessions } from './sessions.js';
import type { QueueingSubscription, StoredSubscription } from './subscription.js';
import { isRoomFor, wantedFilters } from './wanted-filters.js';
import { Wills } from './wills.js';
import { Settled } from '../mqtt/settled.js';

type Numbered = Readonly<Pick<StoredPacket, 'messageId'>>;

const TIMELESS = { now: () => 0, monotonicMs: () => 0 };

export class MemoryPersistence {
  readonly retained: RetainedStore;
  /** What goes to sessions with QoS 1 and 2. */
  readonly queues: OutgoingMessages;
  readonly attendance: Attendance;
  readonly #options: PersistenceOptions;
  readonly #sessions: Sessions;
  readonly #room: SessionRoom;
  readonly #lifetime: Lifetime;
  readonly #decide: (fact: Fact) => void;
  readonly #incoming: IncomingMessages;
  readonly #wills: Wills;
  /** Lists of filters that are filed, and for whom: aedes hands over a packet's whole list for each filter in it. */
  readonly #filed = new WeakMap<readonly StoredSubscription[], string>();
  #record: ((fact: Fact) => void) | undefined;
  #broker: BrokerRef | undefined;

  constructor(options: PersistenceOptions) {
    const { limits } = options;
    this.#options = options;
    this.#lifetime = new Lifetime(options.clock ?? TIMELESS);
    const sessions = (this.#sessions = new Sessions(limits));
    const decide = (fact: Fact): void => {
      if (fact[0] === 'forgotten') this.queues.passOn(fact[1], 'unacknowledged');
      this.#apply(fact);
      this.#record?.(fact);
    };
    const isConnected = (clientId: string): boolean => this.#broker?.clients?.[clientId] !== undefined;
    const room = (this.#room = new SessionRoom({ sessions, limits, isConnected, decide }));
    this.retained = new RetainedStore(limits, () => this.#lifetime.now());
    const parts = { sessions, room, lifetime: this.#lifetime, decide };
    const queues = (this.queues = new OutgoingMessages({ ...parts, members: options.members }));
    const incoming = (this.#incoming = new IncomingMessages(parts, limits.maxInflightInbound));
    this.attendance = new Attendance({ ...parts, isConnected, incoming, queues, retained: this.retained });
    this.#wills = new Wills(sessions, decide);
    this.#decide = decide;
  }

  /** aedes' own tests look at it. */
  get broker(): BrokerRef | undefined {
    return this.#broker;
  }

  get dropped(): Pick<SessionRoom, 'droppedQueued' | 'droppedSessions' | 'droppedIncoming'> {
    return this.#room;
  }

  /** The broker's time, by which messages expire. */
  lifeMs(): number {
    return this.#lifetime.now();
  }

  async cleanIncoming(client: ClientRef): Promise<void> {
    this.#incoming.forget(client.id);
    return Promise.resolve();
  }

  get subscriptionCount(): number {
    return this.#sessions.subscriptionCount;
  }

  /** Bytes of the filters that sessions have, and of all wills. */
  get held(): Pick<Sessions, 'filterBytes' | 'willBytes'> {
    return this.#sessions;
  }

  /** Messages that are kept for whoever comes: retained, or in a session's queue; and the bytes of their payloads. */
  stored(): { readonly count: number; readonly bytes: number } {
    const { entries, payloadBytes } = this.#sessions.totals;
    return { count: entries + this.retained.size, bytes: payloadBytes + this.retained.payloadBytes };
  }

  // aedes refuses a setup that is not an async function.
  async setup(broker: BrokerRef): Promise<void> {
    await Promise.resolve((this.#broker = broker));
  }

  storeRetained(ofAedes: PacketOfAedes): Settled<void> {
    const packet = storedOf(ofAedes);
    if (this.#options.keepsRetained?.(packet.topic) === false) return Settled.of(undefined);
    const note = this.#lifetime.noteFor(packet);
    if (note !== undefined) this.#decide(note);
    const verdict = this.retained.judge(packet, this.#isUnlimited(packet.topic));
    if (verdict === 'keep') this.#decide(['retained', { ...compact(packet) }]);
    else if (verdict === 'forget') this.#decide(['unretained', packet.topic]);
    return Settled.of(undefined);
  }

  createRetainedStream(filter: string): Readable {
    return this.retained.stream([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return this.retained.stream(filters);
  }

  addSubscriptions(client: ClientRef, subscriptions: readonly StoredSubscription[]): Settled<void> {
    if (this.#filed.get(subscriptions) === client.id) return Settled.of(undefined);
    this.#filed.set(subscriptions, client.id);
    const fitting = wantedFilters(this.#sessions, client.id, subscriptions, this.#options.limits);
    if (fitting.length > 0) this.#decide(['subscribed', client.id, fitting]);
    this.attendance.keepFor(client);
    this.#room.forSession(client.id);
    return Settled.of(undefined);
  }

  /** Whether the client's session can take this filter on. */
  hasRoomFor(client: ClientRef, filter: string): boolean {
    return isRoomFor(this.#sessions, client.id, filter, this.#options.limits);
  }

  /** Whether a will of so many bytes fits beside those of others. */
  hasRoomForWill(client: ClientRef, bytes: number): boolean {
    const others = this.#sessions.willBytes - (this.#sessions.get(client.id)?.willBytes ?? 0);
    return others + bytes <= this.#options.limits.maxWillBytesTotal;
  }

  removeSubscriptions(client: ClientRef, filters: readonly string[]): Settled<void> {
    const known = this.#sessions.get(client.id)?.subscriptions;
    const gone = filters.filter((filter) => known?.has(filter) === true);
    if (gone.length > 0) this.#decide(['unsubscribed', client.id, gone]);
    return Settled.of(undefined);
  }

  async subscriptionsByClient(client: ClientRef): Promise<StoredSubscription[]> {
    const kept = this.#sessions.get(client.id)?.subscriptions.values() ?? [];
    return Promise.resolve([...kept].map(({ restored }) => restored));
  }

  async countOffline(): Promise<{ readonly subsCount: number; readonly clientsCount: number }> {
    const { queueingCount: subsCount, persistentCount: clientsCount } = this.#sessions;
    return Promise.resolve({ subsCount, clientsCount });
  }

  subscriptionsByTopic(topic: string): Settled<QueueingSubscription[]> {
    return Settled.of(this.#sessions.matching(topic));
  }

  /** A clean session begins [MQTT-3.1.2-6]: what an earlier one of this id left goes too. */
  async cleanSubscriptions(client: ClientRef): Promise<void> {
    this.#forget(client.id);
    return Promise.resolve();
  }

  getClientList(filter: string): Readable {
    const having = [...this.#sessions.persistent()].filter(({ subscriptions }) => subscriptions.has(filter));
    return Readable.from(having.map(({ clientId }) => clientId));
  }

  outgoingEnqueue(subscription: { readonly clientId: string }, packet: PacketOfAedes): Settled<void> {
    this.queues.enqueue([{ ...subscription, qos: packet.qos }], storedOf(packet));
    return Settled.of(undefined);
  }

  outgoingEnqueueCombi(
    subscriptions: readonly (Queueing & Pick<QueueingSubscription, 'nl'>)[],
    packet: PacketOfAedes,
  ): Settled<void> {
    // [MQTT-3.8.3-3] No Local.
    const others = subscriptions.filter(({ clientId, nl }) => nl !== true || clientId !== packet.clientId);
    this.queues.enqueue(others, storedOf(packet));
    return Settled.of(undefined);
  }

  outgoingUpdate(client: ClientRef, packet: StoredPacket): Settled<void> {
    this.queues.update(client.id, packet);
    return Settled.of(undefined);
  }

  async outgoingClearMessageId(
    client: ClientRef,
    packet: { readonly messageId?: number | undefined },
  ): Promise<StoredPacket | undefined> {
    return Promise.resolve(this.queues.acknowledge(client.id, packet.messageId));
  }

  /** What a client of MQTT 5 was sent before it is sent by its own delivery, with what that version adds. */
  outgoingStream(client: ClientRef): Readable {
    if (client.version === 5) return Readable.from([]);
    return Readable.from(this.queues.outgoing(client.id)?.resent() ?? []);
  }

  incomingStorePacket(client: ClientRef, { messageId = 0 }: Numbered): Settled<void> {
    return this.#incoming.take(client, messageId)
      ? Settled.of(undefined)
      : Settled.failed(new Error(TOO_MANY_HALF_DONE));
  }

  incomingGetPacket(client: ClientRef, { messageId }: Numbered): Settled<Numbered> {
    if (!this.hasIncoming(client.id, messageId)) return Settled.failed(new Error('no such packet'));
    return Settled.of({ messageId });
  }

  incomingDelPacket(client: ClientRef, { messageId = 0 }: Numbered): Settled<void> {
    return this.#incoming.release(client, messageId)
      ? Settled.of(undefined)
      : Settled.failed(new Error('no such packet'));
  }

  /** Whether this QoS 2 message is known already and must not be taken twice [MQTT-4.3.3-2]. */
  hasIncoming(clientId: string, messageId = 0): boolean {
    return this.#incoming.has(clientId, messageId);
  }

  async putWill(client: ClientRef, packet: PacketOfAedes): Promise<void> {
    this.#wills.put(client, packet, this.#broker?.id ?? '', this.#options.userOf?.(client));
    return Promise.resolve();
  }

  takeLeftWills(): Will[] {
    return this.#wills.takeLeft(this.#broker);
  }

  async getWill(client: ClientRef): Promise<Will | undefined> {
    return Promise.resolve(this.#wills.of(client.id));
  }

  async delWill(client: ClientRef): Promise<Will | undefined> {
    return Promise.resolve(this.#wills.take(client));
  }

  streamWill(alive?: Readonly<Record<string, unknown>>): Readable {
    return Readable.from(alive === undefined ? this.#wills.all() : this.#wills.ofDead(this.#broker, alive));
  }

  /** Everything as it is now, to be written down. */
  state(): PersistenceState {
    const [lifeMs, wallMs] = [this.#lifetime.now(), this.#lifetime.wallMs()];
    return { lifeMs, wallMs, retained: this.retained.all(), sessions: this.#sessions.state() };
  }

  /** From now on every fact is told. */
  recordTo(record: (fact: Fact) => void): void {
    this.#record = record;
  }

  /** A fact of an earlier run. */
  restore(fact: Fact): void {
    if (fact[0] === 'alive') this.#lifetime.resume(fact[1], fact[2]);
    else this.#apply(fact);
  }

  /** All of an earlier run is there. Its limits may have been others, and nobody of it is connected. */
  restored(): void {
    this.#sessions.restored();
    this.#room.countFromHere();
    this.retained.countFromHere();
    for (const { clientId } of [...this.#sessions.persistent()]) this.attendance.left(clientId);
    this.#room.forAll();
  }

  async destroy(): Promise<void> {
    for (const { clientId } of [...this.#sessions.all()]) {
      this.#apply(['forgotten', clientId]);
      this.#apply(['willGone', clientId]);
    }
    return Promise.resolve();
  }

  #apply(fact: Fact): void {
    if (fact[0] === 'retained') this.retained.keep(fact[1], this.#isUnlimited(fact[1].topic));
    else if (fact[0] === 'unretained') this.retained.forget(fact[1]);
    else this.#sessions.apply(fact);
  }

  #isUnlimited(topic: string): boolean {
    return this.#options.isUnlimited?.(topic) ?? false;
  }

  #forget(clientId: string): void {
    if (this.#sessions.get(clientId) !== undefined) this.#decide(['forgotten', clientId]);
  }
}
