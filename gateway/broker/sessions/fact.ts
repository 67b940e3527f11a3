// What changes the broker's state, decided: a fact says what came of a call, so that applying it again, in another run and
// under other limits, brings the same state. Nothing of the state changes in any other way.
import type { QoS } from '../../../shared/ports.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { StoredSubscription } from './subscription.js';

export interface Will extends StoredPacket {
  clientId: string;
  brokerId: string;
  /** Who left it: rights are asked when it is published. */
  user?: string | undefined;
}

/** Whose queue it is in, with which QoS, and the shared subscription that brought it there. */
export type QueuedFor = readonly [clientId: string, qos: QoS, group?: string];

/**
 * One message in a session's queue: its number in `message`, or its key where only the handshake is left (`released`);
 * QoS; since when it waits; its packet identifier, -1 for none; how far it is; the shared subscription it came by.
 */
export type WaitingEntry = readonly [
  message: number | string,
  qos: QoS,
  lifeMs: number,
  messageId: number,
  state: 'new' | 'repeated' | 'released',
  group?: string,
];

/** Times are of the broker's life (`Lifetime`). */
export type Fact =
  /** The broker was running at this time, and what the wall clock said. */
  | readonly ['alive', lifeMs: number, wallMs: number]
  | readonly ['retained', packet: StoredPacket]
  | readonly ['unretained', topic: string]
  | readonly ['subscribed', clientId: string, subscriptions: readonly StoredSubscription[]]
  | readonly ['unsubscribed', clientId: string, filters: readonly string[]]
  | readonly ['queued', packet: StoredPacket, lifeMs: number, receivers: readonly QueuedFor[]]
  /** A message that several sessions wait for, written once; `waiting` names it by its number. */
  | readonly ['message', number: number, packet: StoredPacket]
  | readonly ['waiting', clientId: string, entries: readonly WaitingEntry[]]
  /** A message is sent with this packet identifier. */
  | readonly ['numbered', clientId: string, key: string, messageId: number]
  /** The client has a QoS 2 message; its handshake is not done. */
  | readonly ['released', clientId: string, messageId: number]
  | readonly ['acknowledged', clientId: string, messageId: number]
  | readonly ['dropped', clientId: string, keys: readonly string[]]
  /** QoS 2 from the client: taken, and released. */
  | readonly ['incoming', clientId: string, messageId: number]
  | readonly ['completed', clientId: string, messageIds: readonly number[]]
  | readonly ['will', will: Will]
  | readonly ['willGone', clientId: string]
  | readonly ['away', clientId: string, sinceMs: number]
  | readonly ['back', clientId: string]
  /** How long the session lasts without its client; null: as long as the limits let it. */
  | readonly ['keptFor', clientId: string, ms: number | null]
  /** The session has ended, with everything that is its own but the will of who is connected. */
  | readonly ['forgotten', clientId: string];
