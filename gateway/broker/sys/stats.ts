// What the embedded broker tells of itself: what it counts, and what it holds now.
import type { BrokerCounters } from '../counters/counters.js';
import type { JournalStats } from '../journal/file.js';
import type { Loads } from './load-averages.js';

export interface BrokerStats extends Readonly<BrokerCounters> {
  /** Connections that said nothing and were ended to make room for others. */
  readonly evicted: number;
  /** Connected now. */
  readonly clients: number;
  /** Persistent sessions whose clients are away. */
  readonly clientsAway: number;
  /** Sessions nobody came back for in time. */
  readonly expiredSessions: number;
  /** Filters of clients, and of sessions whose clients are away. */
  readonly subscriptions: number;
  /** Bytes of those filters. */
  readonly subscriptionBytes: number;
  /** What the wills of clients cost. */
  readonly willBytes: number;
  /** Messages of the gateway's own that wait for a handler, and what they cost. */
  readonly waitingPublishes: number;
  readonly waitingPublishBytes: number;
  readonly retained: number;
  /** Retained messages, and those that wait for a session's client; and the bytes of their payloads. */
  readonly stored: number;
  readonly storedBytes: number;
  readonly uptimeS: number;
  /** Moving averages, all in a minute. */
  readonly perMinute: Loads;
  /** Of the file that keeps the broker's state; absent where there is none. */
  readonly journal?: JournalStats;
  /** Retained messages that did not fit. */
  readonly droppedRetained: number;
  /** Messages for absent clients that had to make room. */
  readonly droppedQueued: number;
  readonly droppedSessions: number;
  /** Half-done QoS 2 messages that clients left and that had to make room. */
  readonly droppedIncoming: number;
}
