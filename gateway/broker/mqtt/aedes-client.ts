// What our delivery uses of aedes' client beyond its published types; aedes is pinned to one version for it.
import type { Aedes, Client } from 'aedes';
import type { QoS } from '../../../shared/ports.js';
import type { StoredPacket } from './packet.js';

type Deliver = (packet: StoredPacket, next: () => void) => void;

/** What a filter was granted: Retain As Published, No Local, and the subscription's identifier. */
export interface Granted {
  readonly qos: QoS;
  readonly rap?: boolean;
  readonly nl?: boolean;
  readonly si?: number;
}

export type AedesClient = Client & {
  readonly _parser: { parse(bytes: Buffer): unknown };
  /** Packets in hand: aedes counts up, `_nextBatch` down. */
  _parsingBatch: number;
  /** Told that a packet is done with, or of the error that ends the connection. */
  _nextBatch: (error?: Error | null) => void;
  resume: () => void;
  /** The packet identifier that is given out next. */
  _nextId: number;
  /** Runs out when the client says nothing for too long. */
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  readonly connackSent: boolean;
  /** What it subscribes, by filter. */
  readonly subscriptions: Readonly<Record<string, Granted>>;
  /** Of MQTT 5's CONNECT: QoS 1 and 2 under way at once. */
  readonly receiveMaximum: number;
  /** The largest packet that it takes, and whether it takes words with what is refused. */
  readonly maximumPacketSize?: number;
  readonly _requestProblemInformation: boolean;
  /** Seconds; what is no session's end. Of MQTT 3.1.1: 0, or for ever. */
  readonly sessionExpiryInterval: number;
  /** How aedes itself sends a message, a retained one to a new subscriber for example. */
  deliver0: Deliver;
  deliverQoS: Deliver;
};

/** A CONNECT as mqtt-packet parses it. */
export interface Announced {
  readonly protocolVersion?: number;
  readonly properties?: { readonly topicAliasMaximum?: number; readonly maximumPacketSize?: number };
}

type Inside = Aedes & { readonly _takingOver?: ReadonlySet<string> };

/** Whether another connection of this id is about to go on with the client's session: the one that ends is thrown out. */
export function isTakenOver(aedes: Aedes, clientId: string): boolean {
  return (aedes as Inside)._takingOver?.has(clientId) === true;
}

export function speaksVersion5({ version }: Pick<Client, 'version'>): boolean {
  return version === 5;
}

/** A message as aedes types it: its user properties are a list here (intake/strict-reading.ts). */
export function ofOurs(packet: object): StoredPacket {
  return packet as StoredPacket;
}
