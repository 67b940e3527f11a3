// What the broker counts since its start. Plain numbers in one object: counting
// a message costs an addition, and makes nothing.

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
  /** Messages larger than their reader said it takes (MQTT 5). */
  tooLarge: number;
  /** Messages beyond what their reader takes at once (MQTT 5), for which there was no room to wait. */
  droppedHeld: number;
  /** Messages whose time was over before their reader could have them (MQTT 5). */
  expired: number;
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
    tooLarge: 0,
    droppedHeld: 0,
    expired: 0,
    refused: 0,
    refusedLogins: 0,
    breached: 0,
    clientErrors: 0,
  };
}
