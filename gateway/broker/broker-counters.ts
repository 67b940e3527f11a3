// What the broker counts since its start, and how it is told to the health topic.

export class BrokerCounters {
  /** Messages taken from clients and from the process. */
  messagesIn = 0;
  /** Deliveries to clients. */
  messagesOut = 0;
  /** Publishes by clients to topics that are not theirs: acknowledged and dropped. */
  dropped = 0;
  /** Messages a handler of `subscribeBeforeAck` did not take. */
  unacknowledged = 0;
  /** Connections refused for their number. */
  refused = 0;
  /** Connections ended for a too large or malformed packet, or because they did not read. */
  breached = 0;
  /** Errors of single clients: protocol errors, time-outs, cut connections. */
  clientErrors = 0;
}

export interface BrokerStats {
  readonly clients: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly dropped: number;
  readonly unacknowledged: number;
  readonly refused: number;
  readonly breached: number;
  readonly clientErrors: number;
  readonly retained: number;
  /** Retained messages that did not fit. */
  readonly droppedRetained: number;
  /** Messages for absent clients that had to make room. */
  readonly droppedQueued: number;
  readonly droppedSessions: number;
}
