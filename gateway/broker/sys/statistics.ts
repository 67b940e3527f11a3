// The broker's numbers in one place, for `$SYS/broker`, the health topic and /metrics alike: what it counted, and what it
// holds at the moment.
import type { Clock } from '../../../shared/ports.js';
import type { BrokerStats } from './stats.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { Connections } from '../doors/connections.js';
import type { BrokerJournal } from '../journal/journal.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';
import type { SessionExpiry } from '../sessions/expiry.js';
import type { SubscriptionCount } from '../intake/subscription-count.js';
import { LoadAverages } from './load-averages.js';

export interface StatisticsParts {
  readonly counters: BrokerCounters;
  readonly connections: Connections;
  readonly store: MemoryPersistence;
  readonly expiry: SessionExpiry;
  readonly subscriptions: SubscriptionCount;
  readonly journal?: BrokerJournal;
  readonly clock: Clock;
  /** Connected now. */
  readonly clients: () => number;
  /** Messages of the gateway's own that are not taken yet. */
  readonly waiting: () => { readonly count: number; readonly bytes: number };
}

export class BrokerStatistics {
  readonly #parts: StatisticsParts;
  readonly #loads: LoadAverages;
  #startedMs = 0;
  #updatedMs = 0;

  constructor(parts: StatisticsParts) {
    this.#parts = parts;
    const { counters, store } = parts;
    this.#loads = new LoadAverages(() => ({
      'messages/received': counters.packetsIn,
      'messages/sent': counters.packetsOut,
      'publish/dropped': store.dropped.droppedQueued,
      'publish/received': counters.publishesIn,
      'publish/sent': counters.messagesOut,
      'bytes/received': counters.bytesIn,
      'bytes/sent': counters.bytesOut,
      sockets: counters.sockets,
      connections: counters.connects,
    }));
  }

  /** The broker has started. */
  started(): void {
    this.#startedMs = this.#updatedMs = this.#parts.clock.monotonicMs();
  }

  /** A client has connected. */
  connected(): void {
    const { counters, clients } = this.#parts;
    counters.mostClients = Math.max(counters.mostClients, clients());
  }

  updateLoads(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#loads.update((nowMs - this.#updatedMs) / 1000);
    this.#updatedMs = nowMs;
  }

  stats(): BrokerStats {
    const { counters, connections, store, expiry, subscriptions, journal, clock, clients } = this.#parts;
    const waiting = this.#parts.waiting();
    const { count: stored, bytes: storedBytes } = store.stored();
    return {
      ...counters,
      evicted: connections.evicted,
      clients: clients(),
      clientsAway: [...store.attendance.away()].length,
      expiredSessions: expiry.expired,
      subscriptions: store.subscriptionCount + subscriptions.ofCleanSessions,
      subscriptionBytes: store.held.filterBytes + subscriptions.bytesOfCleanSessions,
      willBytes: store.held.willBytes,
      waitingPublishes: waiting.count,
      waitingPublishBytes: waiting.bytes,
      retained: store.retained.size,
      droppedRetained: store.retained.dropped,
      droppedQueued: store.dropped.droppedQueued,
      droppedSessions: store.dropped.droppedSessions,
      droppedIncoming: store.dropped.droppedIncoming,
      stored,
      storedBytes,
      uptimeS: Math.floor((clock.monotonicMs() - this.#startedMs) / 1000),
      perMinute: this.#loads.now,
      ...(journal === undefined ? {} : { journal: journal.stats() }),
    };
  }
}
