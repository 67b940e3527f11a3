// aedes' persistence, in memory, without its own store's losses (DESIGN §7): the methods between a message's number and
// its delivery end synchronously. Those whose continuation goes straight back to aedes' parser, which is not
// re-entrant, stay asynchronous: their effect is there at once, their callback comes a turn later.
import { Readable } from 'node:stream';
import { IncomingStore } from './incoming-store.js';
import type { OutgoingQueue } from './outgoing-queue.js';
import { OutgoingQueues } from './outgoing-queues.js';
import { compact } from './packet.js';
import type { StoredPacket } from './packet.js';
import type {
  BrokerRef,
  ClientRef,
  PersistenceOptions,
  PersistenceState,
  Will,
} from './persistence-state.js';
import { RetainedStore } from './retained-store.js';
import { Settled } from './settled.js';
import { SubscriptionStore } from './subscription-store.js';
import type { QueueingSubscription, StoredSubscription } from './subscription-store.js';

export class MemoryPersistence {
  readonly retained: RetainedStore;
  readonly #options: PersistenceOptions;
  readonly #subscriptions: SubscriptionStore;
  /** Lists of filters that are filed, and for whom: aedes hands over a packet's whole list for each filter in it. */
  readonly #filed = new WeakMap<readonly StoredSubscription[], string>();
  readonly #outgoing: OutgoingQueues;
  readonly #incoming = new IncomingStore();
  readonly #wills = new Map<string, Will>();
  #broker: BrokerRef | undefined;
  #droppedSessions = 0;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.#subscriptions = new SubscriptionStore(options.limits.maxSubscriptions);
    this.#outgoing = new OutgoingQueues(options.limits);
    this.retained = new RetainedStore(options.limits);
  }

  /** aedes' own tests look at it. */
  get broker(): BrokerRef | undefined {
    return this.#broker;
  }

  get droppedQueued(): number {
    return this.#outgoing.dropped;
  }

  get droppedSessions(): number {
    return this.#droppedSessions;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.count;
  }

  /** Messages that are kept for whoever comes: retained, or in a session's queue; and the bytes of their payloads. */
  stored(): { readonly count: number; readonly bytes: number } {
    const { count, bytes } = this.#outgoing.totals();
    return { count: count + this.retained.size, bytes: bytes + this.retained.payloadBytes };
  }

  // aedes refuses a setup that is not an async function.
  async setup(broker: BrokerRef): Promise<void> {
    await Promise.resolve((this.#broker = broker));
  }

  storeRetained(packet: StoredPacket): Settled<void> {
    const { keepsRetained, isUnlimited } = this.#options;
    if (keepsRetained?.(packet.topic) ?? true)
      this.retained.store(packet, isUnlimited?.(packet.topic) ?? false);
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
    this.#subscriptions.add(client.id, subscriptions);
    if (this.#subscriptions.sessionCount > this.#options.limits.maxSessions)
      this.#forgetOldestSession(client.id);
    return Settled.of(undefined);
  }

  removeSubscriptions(client: ClientRef, filters: readonly string[]): Settled<void> {
    this.#subscriptions.remove(client.id, filters);
    return Settled.of(undefined);
  }

  async subscriptionsByClient(client: ClientRef): Promise<StoredSubscription[]> {
    return Promise.resolve(this.#subscriptions.of(client.id));
  }

  async countOffline(): Promise<{ readonly subsCount: number; readonly clientsCount: number }> {
    const { queueingCount: subsCount, sessionCount: clientsCount } = this.#subscriptions;
    return Promise.resolve({ subsCount, clientsCount });
  }

  subscriptionsByTopic(topic: string): Settled<QueueingSubscription[]> {
    return Settled.of(this.#subscriptions.matching(topic));
  }

  /** A clean session begins [MQTT-3.1.2-6]: what an earlier one of this id left goes too. */
  async cleanSubscriptions(client: ClientRef): Promise<void> {
    this.#forgetSession(client.id);
    return Promise.resolve();
  }

  getClientList(filter: string): Readable {
    return Readable.from(this.#subscriptions.clientsOf(filter));
  }

  /** Ends a session nobody came back for. */
  expireSession(clientId: string): void {
    this.#forgetSession(clientId);
    this.#droppedSessions++;
  }

  get sessionIds(): Iterable<string> {
    return this.#subscriptions.sessions;
  }

  isConnected(clientId: string): boolean {
    return this.#broker?.clients?.[clientId] !== undefined;
  }

  outgoingEnqueue(subscription: { readonly clientId: string }, packet: StoredPacket): Settled<void> {
    this.#enqueue(subscription.clientId, packet, packet.qos);
    return Settled.of(undefined);
  }

  outgoingEnqueueCombi(
    subscriptions: readonly Pick<QueueingSubscription, 'clientId' | 'qos'>[],
    packet: StoredPacket,
  ): Settled<void> {
    if (subscriptions.length === 0) return Settled.of(undefined);
    const kept = compact(packet);
    for (const { clientId, qos } of subscriptions)
      this.#enqueue(clientId, kept, qos < packet.qos ? qos : packet.qos);
    return Settled.of(undefined);
  }

  outgoingUpdate(client: ClientRef, packet: StoredPacket): Settled<void> {
    this.#outgoing.of(client.id)?.update(packet);
    return Settled.of(undefined);
  }

  async outgoingClearMessageId(
    client: ClientRef,
    packet: { readonly messageId?: number | undefined },
  ): Promise<StoredPacket | undefined> {
    return Promise.resolve(this.acknowledge(client.id, packet.messageId));
  }

  /** The client has the message; returns it. */
  acknowledge(clientId: string, messageId: number | undefined): StoredPacket | undefined {
    const acknowledged = this.#outgoing.of(clientId)?.acknowledge(messageId);
    this.#outgoing.tidy(clientId);
    return acknowledged;
  }

  outgoingStream(client: ClientRef): Readable {
    return Readable.from(this.#outgoing.of(client.id)?.resent() ?? []);
  }

  /** Notes the packet identifier a message is sent with. */
  sent(clientId: string, packet: StoredPacket, messageId: number): void {
    this.#outgoing.of(clientId)?.sent(packet, messageId);
  }

  /** Whether a message in the queue was sent on an earlier connection already. */
  isResent(clientId: string, packet: StoredPacket): boolean {
    return this.#outgoing.of(clientId)?.isRepeated(packet) ?? false;
  }

  /** Whether a message that is not acknowledged yet has this packet identifier. */
  usesId(clientId: string, messageId: number): boolean {
    return this.#outgoing.of(clientId)?.usesId(messageId) ?? false;
  }

  /** What waits for the client, and whose turn it is. */
  outgoing(clientId: string): Pick<OutgoingQueue, 'next' | 'isTurnOf'> | undefined {
    return this.#outgoing.of(clientId);
  }

  /** Takes a message out that the client may not have. */
  discardOutgoing(client: ClientRef, packet: StoredPacket): void {
    this.#outgoing.of(client.id)?.discard(packet);
    this.#outgoing.tidy(client.id);
  }

  /** Takes out what waits for absent clients since before. */
  expireQueued(beforeTs: number): void {
    this.#outgoing.expire(beforeTs, (clientId) => !this.isConnected(clientId));
  }

  incomingStorePacket(client: ClientRef, packet: StoredPacket): Settled<void> {
    this.#incoming.add(client.id, packet);
    return Settled.of(undefined);
  }

  incomingGetPacket(client: ClientRef, packet: { readonly messageId?: number }): Settled<StoredPacket> {
    const stored = this.#incoming.get(client.id, packet.messageId);
    return stored === undefined ? Settled.failed(new Error('no such packet')) : Settled.of(stored);
  }

  incomingDelPacket(client: ClientRef, packet: { readonly messageId?: number }): Settled<void> {
    const wasThere = this.#incoming.remove(client.id, packet.messageId);
    return wasThere ? Settled.of(undefined) : Settled.failed(new Error('no such packet'));
  }

  /** Whether this QoS 2 message is known already and must not be taken twice [MQTT-4.3.3-2]. */
  hasIncoming(clientId: string, messageId: number | undefined): boolean {
    return this.#incoming.get(clientId, messageId) !== undefined;
  }

  async cleanIncoming(client: ClientRef): Promise<void> {
    this.#incoming.forget(client.id);
    return Promise.resolve();
  }

  async putWill(client: ClientRef, packet: StoredPacket): Promise<void> {
    const known = { brokerId: this.#broker?.id ?? '', clientId: client.id };
    const user = this.#options.userOf?.(client);
    const will = Object.assign(packet, known, user === undefined ? {} : { user });
    this.#wills.set(client.id, will);
    return Promise.resolve();
  }

  /** What clients of an earlier run left: nobody will say DISCONNECT for them any more. */
  takeLeftWills(): Will[] {
    const left = [...this.#wills.values()].filter(({ brokerId }) => brokerId !== this.#broker?.id);
    for (const will of left) void this.delWill({ id: will.clientId });
    return left;
  }

  /** One that was written down, as it was. */
  restoreWill(will: Will): void {
    this.#wills.set(will.clientId, will);
  }

  async getWill(client: ClientRef): Promise<Will | undefined> {
    return Promise.resolve(this.#wills.get(client.id));
  }

  async delWill(client: ClientRef): Promise<Will | undefined> {
    const will = this.#wills.get(client.id);
    this.#wills.delete(client.id);
    return Promise.resolve(will);
  }

  /** Wills left by brokers that are not among the living. */
  streamWill(alive: Readonly<Record<string, unknown>> = {}): Readable {
    return Readable.from([...this.#wills.values()].filter(({ brokerId }) => alive[brokerId] === undefined));
  }

  /** Everything as it is now, to be written down. */
  state(): PersistenceState {
    const subscriptions = this.#subscriptions;
    return {
      retained: this.retained.all(),
      sessions: [...subscriptions.sessions].map((id) => [id, subscriptions.of(id)]),
      outgoing: this.#outgoing.all(),
      incoming: [...this.#incoming.all()],
      wills: [...this.#wills.values()],
    };
  }

  async destroy(): Promise<void> {
    this.#outgoing.clear();
    this.#incoming.clear();
    this.#wills.clear();
    return Promise.resolve();
  }

  #enqueue(clientId: string, packet: StoredPacket, qos: StoredPacket['qos']): void {
    this.#outgoing.enqueue(clientId, packet, qos, packet.queuedTs ?? this.#options.now?.());
  }

  #forgetOldestSession(newest: string): void {
    for (const clientId of this.#subscriptions.sessions) {
      if (clientId === newest || this.isConnected(clientId)) continue;
      this.expireSession(clientId);
      return;
    }
  }

  #forgetSession(clientId: string): void {
    this.#subscriptions.forget(clientId);
    this.#outgoing.forget(clientId);
  }
}
