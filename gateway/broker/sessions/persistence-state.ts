// What the broker's store is given, and all that it holds, as it is written down.
import type { Clock } from '../../../shared/ports.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { GroupMembers } from './group-members.js';
import type { RetainedLimits } from '../retained/store.js';
import type { QueueLimits } from './outgoing-queue.js';
import type { SessionState } from './sessions.js';
import type { FilterLimits } from './wanted-filters.js';

export interface PersistenceState {
  /** In the broker's life, and by the wall clock. */
  readonly lifeMs: number;
  readonly wallMs: number;
  readonly retained: Iterable<StoredPacket>;
  readonly sessions: readonly SessionState[];
}

export interface ClientRef {
  readonly id: string;
  /** Its session ends with its connection. */
  readonly clean?: boolean;
  /** Its connection has ended. */
  readonly closed?: boolean;
  /** Of MQTT. */
  readonly version?: number;
  /** Seconds from the end of its connection, for a client of MQTT 5. */
  readonly sessionExpiryInterval?: number;
}

/** What the store uses of aedes: its id, and the connected clients by theirs. */
export interface BrokerRef extends Pick<ClientRef, 'id'> {
  readonly clients?: Readonly<Record<string, unknown>>;
}

export interface PersistenceLimits extends RetainedLimits, QueueLimits, FilterLimits {
  /** Of all queues together. */
  readonly maxQueuedTotalBytes: number;
  readonly maxSessions: number;
  readonly maxInflightInbound: number;
  readonly maxWillBytesTotal: number;
}

export interface PersistenceOptions {
  readonly limits: PersistenceLimits;
  /** Without it nothing grows old. */
  readonly clock?: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Whether a retained message of this topic is kept. One that is not still reaches who listens. */
  readonly keepsRetained?: (topic: string) => boolean;
  /** Topics whose retained messages are kept although clients have filled the store. */
  readonly isUnlimited?: (topic: string) => boolean;
  /** Who of a shared subscription gets a message. */
  readonly members?: GroupMembers;
  readonly userOf?: (client: ClientRef) => string | undefined;
}
