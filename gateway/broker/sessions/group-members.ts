// What the sessions need to know of shared subscriptions: which member of a group gets a message. Those that are there are
// known to delivery, those that are away to the sessions.
import type { StoredPacket } from '../mqtt/packet.js';

export interface Candidate {
  readonly clientId: string;
}

export interface GroupMembers {
  /** The member that gets this message, once for all that ask of it; `keeping` are those whose session could keep it. */
  choose(packet: StoredPacket, group: string, keeping: readonly Candidate[]): string | undefined;
  /** Another member than `from`, for one that `from` will not get. */
  chooseOther(
    packet: StoredPacket,
    group: string,
    from: string | undefined,
    keeping: readonly Candidate[],
  ): string | undefined;
  /** Sends it to that member, where it is there. */
  send(packet: StoredPacket, group: string, clientId: string): void;
}
