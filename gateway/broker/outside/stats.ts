// What the connection to an outside broker tells of itself.
import type { UpkeepStats } from './remembered/retained-upkeep.js';
import type { RivalStats } from './rivals/rivals.js';
import type { Queues } from './outgoing/waiting-room.js';

/** Of the connection to an outside broker. */
export interface OutsideStats extends RivalStats {
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
  /** What a broker that lost its memory is told again, and how often that was. */
  readonly retained: UpkeepStats;
  /** What waits to be published, and what did not fit. */
  readonly queues: Queues;
  /** Bytes of the largest packet that it is known to take. */
  readonly largestPacket?: number;
}
