// One client's session: everything the broker keeps by a client id.
import { sizeOf } from '../mqtt/packet.js';
import type { Will } from './fact.js';
import { OutgoingQueue } from './outgoing-queue.js';
import type { QueueLimits } from './outgoing-queue.js';
import type { QueuedTotals } from './shared-message.js';
import type { QueueingSubscription, StoredSubscription } from './subscription.js';

export interface KeptSubscription {
  readonly restored: StoredSubscription;
  readonly queueing: QueueingSubscription;
  readonly levels: number;
  readonly bytes: number;
}

export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, KeptSubscription>();
  readonly queue: OutgoingQueue;
  /** Packet identifiers of QoS 2 messages that were taken and are not released, in the order they came. */
  readonly incoming = new Set<number>();
  /** Of a client that is connected, or was when the process was killed. */
  will: Will | undefined;
  /** Since when its client is not there, in the broker's life. */
  awaySinceMs: number | undefined;
  /** How long it lasts without its client, where that said so (MQTT 5, Session Expiry Interval); else as long as the limits let it. */
  keptForMs: number | undefined;
  /** Levels and bytes of all its filters. */
  levels = 0;
  filterBytes = 0;
  /** Its client said clean: what it has ends with the connection. */
  isPassing = false;

  constructor(clientId: string, limits: QueueLimits, totals: QueuedTotals) {
    this.clientId = clientId;
    this.queue = new OutgoingQueue(limits, totals);
  }

  get willBytes(): number {
    return this.will === undefined ? 0 : sizeOf(this.will);
  }

  /** Whether it outlives its client's connection. */
  get isPersistent(): boolean {
    if (this.subscriptions.size > 0 || this.queue.size > 0) return true;
    return this.incoming.size > 0 && !this.isPassing;
  }

  get isEmpty(): boolean {
    return !this.isPersistent && this.incoming.size === 0 && this.will === undefined;
  }
}
