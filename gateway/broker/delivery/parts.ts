// What the delivery to one client asks of its surroundings.
import type { AedesClient } from '../mqtt/aedes-client.js';
import type { BrokerCounters } from '../counters/counters.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { HeldMessages } from './held-messages.js';
import type { ClientWriter } from './writer.js';

/** What a session has not acknowledged yet. */
export interface SessionQueue {
  /** Notes the packet identifier a message is sent with. */
  sent(clientId: string, packet: StoredPacket, messageId: number): void;
  usesId(clientId: string, messageId: number): boolean;
  /** Finds another member for a group's message that this one has not got. */
  giveOn(packet: StoredPacket, group: string): unknown;
  /** `next`: what was never sent and may be now. `isTurnOf`: nothing waits ahead of it. `resent`: what was sent before. */
  outgoing(clientId: string):
    | {
        next(): StoredPacket | undefined;
        isTurnOf(packet: StoredPacket): boolean;
        /** Nothing waits, and another may be sent. */
        readonly isCaughtUp: boolean;
        resent(): readonly StoredPacket[];
      }
    | undefined;
  /** Takes out what the client may not have. */
  discardOutgoing(client: { readonly id: string }, packet: StoredPacket): void;
}

export interface DeliveryParts {
  readonly client: AedesClient;
  readonly writer: ClientWriter;
  readonly queue: SessionQueue;
  readonly held: HeldMessages;
  readonly mayReceive: (client: AedesClient, topic: string) => boolean;
  readonly counters: Pick<BrokerCounters, 'messagesOut' | 'publishBytesOut' | 'tooLarge' | 'expired'>;
  /** The broker's time, by which messages expire. */
  readonly lifeMs: () => number;
}
