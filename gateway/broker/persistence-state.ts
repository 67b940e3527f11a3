// What the broker's store is given, and all that it holds, as it is written down.
import type { QueueLimits } from './outgoing-queue.js';
import type { StoredPacket } from './packet.js';
import type { RetainedLimits } from './retained-store.js';
import type { StoredSubscription } from './subscription-store.js';

export interface Will extends StoredPacket {
  clientId: string;
  brokerId: string;
  /** Who left it: rights are asked when it is published. */
  user?: string | undefined;
}

type ByClient<T> = Iterable<readonly [clientId: string, values: readonly T[]]>;

export interface PersistenceState {
  readonly retained: Iterable<StoredPacket>;
  readonly sessions: ByClient<StoredSubscription>;
  readonly outgoing: ByClient<StoredPacket>;
  readonly incoming: ByClient<StoredPacket>;
  readonly wills: Iterable<Will>;
}

export interface ClientRef {
  readonly id: string;
}

/** What the store uses of aedes: its id, and the connected clients by theirs. */
export interface BrokerRef extends ClientRef {
  readonly clients?: Readonly<Record<string, unknown>>;
}

export interface PersistenceOptions {
  readonly limits: RetainedLimits &
    QueueLimits & { readonly maxSessions: number; readonly maxSubscriptions: number };
  /** Epoch ms, for the age of what is queued. */
  readonly now?: () => number;
  /** Whether a retained message of this topic is kept. One that is not still reaches who listens. */
  readonly keepsRetained?: (topic: string) => boolean;
  /** Topics whose retained messages are kept although clients have filled the store. */
  readonly isUnlimited?: (topic: string) => boolean;
  readonly userOf?: (client: ClientRef) => string | undefined;
}
