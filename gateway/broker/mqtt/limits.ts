// Every bound of the embedded broker in one place: aedes has almost none of its own.

export interface BrokerLimits {
  /** The largest packet a client may send, by its header: refused before it is in memory. */
  readonly maxPacketBytes: number;
  /** The same for the first packet, before anybody has said who they are. */
  readonly maxFirstPacketBytes: number;
  /** A SUBSCRIBE or UNSUBSCRIBE: thousands of filters fit into less, and each is work. */
  readonly maxSubscribeBytes: number;
  /** Filters of one client; one more is answered with failure. */
  readonly maxSubscriptions: number;
  /** Levels of all filters of one client, and of all clients: each is memory, and work at every message that matches. */
  readonly maxFilterLevels: number;
  readonly maxFilterLevelsTotal: number;
  /** The same in bytes: one level may be as long as a filter. */
  readonly maxFilterBytes: number;
  readonly maxFilterBytesTotal: number;
  /** A longer one is refused: each session, and every line of the journal that is about it, has one. */
  readonly maxClientIdBytes: number;
  /** Of the wills of all clients; who brings one more is refused. */
  readonly maxWillBytesTotal: number;
  /** Connections at once, TCP and WebSocket together. */
  readonly maxConnections: number;
  /** Of one address. */
  readonly maxConnectionsPerAddress: number;
  /** Connections that have not said CONNECT yet, or wait for their password to be checked; the oldest goes first. */
  readonly maxPending: number;
  /** A CONNECT must have arrived after this long. */
  readonly connectTimeoutMs: number;
  /** What may wait for a client that does not read; above it its connection is ended. */
  readonly maxWriteBufferBytes: number;
  /** The same for all clients together; above it the connection with most is ended. */
  readonly maxBacklogBytes: number;
  /** Half-done QoS 2 messages of one client, over all its connections. */
  readonly maxInflightInbound: number;
  /** Messages of one persistent session that were sent and are not acknowledged; the others wait in its queue. */
  readonly maxInflightOutbound: number;
  /** Levels of a topic or filter. */
  readonly maxTopicLevels: number;
  /** Of a topic or filter; a longer one ends the connection, as MQTT 3.1.1 has no other way to refuse it. */
  readonly maxTopicBytes: number;
  /** Of one client; beyond it the broker reads on only as fast as this. */
  readonly maxPublishesPerSecond: number;
  readonly maxBytesPerSecond: number;
  readonly maxRetained: number;
  readonly maxRetainedBytes: number;
  /** Unacknowledged and offline messages of one persistent session; the oldest go first. */
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  /** Of all sessions together, a message that several wait for counted once; the oldest of the fullest go first. */
  readonly maxQueuedTotalBytes: number;
  /** How long a message waits for a client that is away. */
  readonly maxQueuedAgeMs: number;
  /** Persistent sessions; above it the longest known one that is not connected is forgotten. */
  readonly maxSessions: number;
  /** A session whose client stays away longer is forgotten. */
  readonly sessionExpiryMs: number;
  /** In-process messages that wait for a handler of `subscribeBeforeAck`. */
  readonly maxWaitingPublishes: number;
  readonly maxWaitingPublishBytes: number;
  /** How long clients may take to read the last messages before their connections are cut. */
  readonly farewellMs: number;
  readonly stopDeadlineMs: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  // Above the megabyte that a mistaken command may have: it is answered with too_large, not cut off without a word.
  maxPacketBytes: 2 * 1024 * 1024,
  maxFirstPacketBytes: 64 * 1024,
  maxSubscribeBytes: 64 * 1024,
  maxSubscriptions: 1000,
  maxFilterLevels: 10_000,
  maxFilterLevelsTotal: 200_000,
  maxFilterBytes: 256 * 1024,
  maxFilterBytesTotal: 32 * 1024 * 1024,
  maxClientIdBytes: 1024,
  // As many as the connections have room for by themselves, unless they were made more.
  maxWillBytesTotal: 64 * 1024 * 1024,
  maxConnections: 1000,
  maxConnectionsPerAddress: 500,
  maxPending: 100,
  connectTimeoutMs: 10_000,
  maxWriteBufferBytes: 16 * 1024 * 1024,
  maxBacklogBytes: 128 * 1024 * 1024,
  maxInflightInbound: 100,
  maxInflightOutbound: 100,
  maxTopicLevels: 100,
  maxTopicBytes: 1024,
  maxPublishesPerSecond: Number.POSITIVE_INFINITY,
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
  maxRetained: 10_000,
  maxRetainedBytes: 64 * 1024 * 1024,
  maxQueuedMessages: 1000,
  maxQueuedBytes: 8 * 1024 * 1024,
  maxQueuedTotalBytes: 64 * 1024 * 1024,
  maxQueuedAgeMs: 24 * 3_600_000,
  maxSessions: 1000,
  sessionExpiryMs: 24 * 3_600_000,
  maxWaitingPublishes: 10_000,
  // The 32 requests that are answered at once may have answers of 2 MB each.
  maxWaitingPublishBytes: 128 * 1024 * 1024,
  farewellMs: 500,
  stopDeadlineMs: 1000,
};
