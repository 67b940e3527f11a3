// What the broker counts since its start, and how it is told to the health topic. Plain numbers in one object: counting
// a message costs an addition, and makes nothing.
import type { JournalStats } from './journal/journal-file.js';
import type { Loads } from './sys/load-averages.js';

/** What passes between the broker and its clients. */
export interface Traffic {
  /** Bytes of MQTT, whatever carries them: without TLS and the frames of WebSocket. */
  bytesIn: number;
  bytesOut: number;
  /** MQTT packets of every type. */
  packetsIn: number;
  packetsOut: number;
  /** PUBLISH packets from clients, and the bytes of their payloads. */
  publishesIn: number;
  publishBytesIn: number;
  /** Bytes of the payloads of `messagesOut`. */
  publishBytesOut: number;
}

export interface BrokerCounters extends Traffic {
  /** Connections that were opened, whatever became of them. */
  sockets: number;
  /** CONNECT packets. */
  connects: number;
  /** The most clients that were connected at once. */
  mostClients: number;
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
    bytesIn: 0,
    bytesOut: 0,
    packetsIn: 0,
    packetsOut: 0,
    publishesIn: 0,
    publishBytesIn: 0,
    publishBytesOut: 0,
    sockets: 0,
    connects: 0,
    mostClients: 0,
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
  /** Connected now. */
  readonly clients: number;
  /** Persistent sessions whose clients are away. */
  readonly clientsAway: number;
  /** Sessions nobody came back for in time. */
  readonly expiredSessions: number;
  /** Filters of clients, and of sessions whose clients are away. */
  readonly subscriptions: number;
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
