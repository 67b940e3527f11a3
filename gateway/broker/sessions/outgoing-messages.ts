// What goes to sessions with QoS 1 and 2: decides what becomes of each message, from its coming to its acknowledgement.
import { compact } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { Fact, QueuedFor } from './fact.js';
import type { GroupMembers } from './group-members.js';
import type { Lifetime } from './lifetime.js';
import type { OutgoingQueue } from './outgoing-queue.js';
import type { SessionRoom } from './room.js';
import type { Sessions } from './sessions.js';
import { keyOf } from './shared-message.js';
import type { QueueingSubscription } from './subscription.js';
import { isShared } from '../mqtt/shared-filter.js';

export interface OutgoingParts {
  readonly sessions: Sessions;
  readonly room: SessionRoom;
  readonly lifetime: Lifetime;
  readonly decide: (fact: Fact) => void;
  /** Without it shared subscriptions have nobody to choose. */
  readonly members?: GroupMembers | undefined;
}

/** What a message is queued for. */
export type Queueing = Pick<QueueingSubscription, 'clientId' | 'qos'> & { readonly topic?: string };

export class OutgoingMessages {
  readonly #parts: OutgoingParts;

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  /** What waits for the client, and whose turn it is. */
  outgoing(clientId: string): OutgoingQueue | undefined {
    return this.#parts.sessions.queueOf(clientId);
  }

  /** Of those that share a subscription one gets it. */
  enqueue(all: readonly Queueing[], packet: StoredPacket): void {
    this.#queue(this.#chosen(all, packet), packet);
  }

  #queue(subscriptions: readonly Queueing[], packet: StoredPacket): void {
    if (subscriptions.length === 0) return;
    const { room, lifetime, decide } = this.#parts;
    const receivers = subscriptions.map((subscription) => receiverOf(subscription, packet));
    const note = lifetime.noteFor(packet);
    if (note !== undefined) decide(note);
    decide(['queued', compact(packet), lifetime.now(), receivers]);
    room.forQueued(receivers.map(([clientId]) => clientId));
  }

  /** A group's message that a member has not got goes to another; false where there is none. */
  giveOn(packet: StoredPacket, group: string, from?: string, isForAnyone = true): boolean {
    const { sessions, members } = this.#parts;
    const keeping = sessions.matching(packet.topic).filter(({ topic }) => topic === group);
    const to = members?.chooseOther(packet, group, from, isForAnyone ? keeping : []);
    if (to === undefined) return false;
    const kept = keeping.filter(({ clientId }) => clientId === to);
    if (packet.qos > 0) this.#queue(kept, packet);
    members?.send(packet, group, to);
    return true;
  }

  /** The client has gone, and its session may end: what came to it as a member of a group goes to those that are there. */
  passOn(clientId: string, which: 'unsent' | 'unacknowledged'): void {
    const others = [...(this.outgoing(clientId)?.ofGroups(which) ?? [])];
    const isForAnyone = which === 'unacknowledged';
    const gone = others.filter(([, message, group]) => this.giveOn(message, group, clientId, isForAnyone));
    if (gone.length > 0) this.#parts.decide(['dropped', clientId, gone.map(([key]) => key)]);
  }

  /** It is sent with this packet identifier. */
  sent(clientId: string, packet: StoredPacket, messageId: number): void {
    const key = keyOf(packet);
    if (this.outgoing(clientId)?.packet(key)?.cmd !== 'publish') return;
    this.#parts.decide(['numbered', clientId, key, messageId]);
  }

  /**
   * What aedes sends by itself. One that is not here (dropped meanwhile, or a retained one, which is not queued) is no
   * error: aedes would end the connection.
   */
  update(clientId: string, packet: StoredPacket): void {
    const { messageId } = packet;
    if (messageId === undefined) return;
    if (packet.cmd === 'publish') this.sent(clientId, packet, messageId);
    else if (this.#numbered(clientId, messageId)?.cmd === 'publish')
      this.#parts.decide(['released', clientId, messageId]);
  }

  /** The client has it; returns it. Without an identifier nothing is taken: aedes asks so for a second filter's copy. */
  acknowledge(clientId: string, messageId: number | undefined): StoredPacket | undefined {
    if (messageId === undefined) return undefined;
    const acknowledged = this.#numbered(clientId, messageId);
    if (acknowledged !== undefined) this.#parts.decide(['acknowledged', clientId, messageId]);
    return acknowledged;
  }

  /** The client may not have it. */
  discardOutgoing({ id }: { readonly id: string }, packet: StoredPacket): void {
    const key = keyOf(packet);
    if (this.outgoing(id)?.packet(key) !== undefined) this.#parts.decide(['dropped', id, [key]]);
  }

  /** Whether it was sent on an earlier connection already. */
  isResent(clientId: string, packet: StoredPacket): boolean {
    return this.outgoing(clientId)?.isRepeated(packet) ?? false;
  }

  /** Whether a message that is not acknowledged yet has this packet identifier. */
  usesId(clientId: string, messageId: number): boolean {
    return this.outgoing(clientId)?.usesId(messageId) ?? false;
  }

  #chosen(subscriptions: readonly Queueing[], packet: StoredPacket): readonly Queueing[] {
    const shared = subscriptions.filter(({ topic = '' }) => isShared(topic));
    if (shared.length === 0) return subscriptions;
    const chosen = new Map<string, string | undefined>();
    for (const name of new Set(shared.map(({ topic = '' }) => topic))) {
      const members = shared.filter(({ topic }) => topic === name);
      chosen.set(name, this.#parts.members?.choose(packet, name, members));
    }
    return subscriptions.filter(
      ({ topic = '', clientId }) => !isShared(topic) || chosen.get(topic) === clientId,
    );
  }

  #numbered(clientId: string, messageId: number): StoredPacket | undefined {
    const queue = this.outgoing(clientId);
    return queue?.packet(queue.keyOfId(messageId));
  }
}

function receiverOf({ clientId, qos, topic = '' }: Queueing, packet: StoredPacket): QueuedFor {
  const granted = qos < packet.qos ? qos : packet.qos;
  return isShared(topic) ? [clientId, granted, topic] : [clientId, granted];
}
