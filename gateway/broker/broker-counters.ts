// What the broker counts since its start, and how it is told to the health topic.

export interface BrokerCounters {
  /** Messages taken from clients and from the process. */
  messagesIn: number;
  /** Deliveries to clients. */
  messagesOut: number;
  /** Publishes by clients to topics that are not theirs: acknowledged and dropped. */
  dropped: number;
  /** Messages a handler of `subscribeBeforeAck` did not take. */
  unacknowledged: number;
  /** Connections refused for their number. */
  refused: number;
  /** Logins with a wrong name or password, or none. */
  refusedLogins: number;
  /** Connections ended for a too large or malformed packet, or because they did not read. */
  breached: number;
  /** Errors of single clients: protocol errors, time-outs, cut connections. */
  clientErrors: number;
}

export function newBrokerCounters(): BrokerCounters {
  return {
    messagesIn: 0,
    messagesOut: 0,
    dropped: 0,
    unacknowledged: 0,
    refused: 0,
    refusedLogins: 0,
    breached: 0,
    clientErrors: 0,
  };
}

export interface BrokerStats extends Readonly<BrokerCounters> {
  /** Connections that said nothing and were ended to make room for others. */
  readonly evicted: number;
  readonly clients: number;
  readonly retained: number;
  /** Retained messages that did not fit. */
  readonly droppedRetained: number;
  /** Messages for absent clients that had to make room. */
  readonly droppedQueued: number;
  readonly droppedSessions: number;
}

/** Of the connection to an outside broker. */
export interface OutsideStats {
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Messages a handler of `subscribeBeforeAck` did not take. */
  readonly unacknowledged: number;
  /** Messages nobody in the gateway listens to: left over from an earlier configuration. */
  readonly unheard: number;
  readonly connected: boolean;
  readonly connects: number;
  readonly version: number;
  readonly waiting: number;
  readonly rejected: number;
}
