// What our delivery uses of aedes' client beyond its published types; aedes is pinned to one version for it.
import type { Client } from 'aedes';
import type { QoS } from '../../shared/ports.js';
import type { StoredPacket } from './packet.js';

type Deliver = (packet: StoredPacket, done: () => void) => void;

export type AedesClient = Client & {
  /** The packet identifier that is given out next. */
  _nextId: number;
  /** Runs out when the client says nothing for too long. */
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  readonly connackSent: boolean;
  /** What it subscribes, by filter. */
  readonly subscriptions: Readonly<Record<string, { readonly qos: QoS }>>;
  /** How aedes itself sends a message, a retained one to a new subscriber for example. */
  deliver0: Deliver;
  deliverQoS: Deliver;
  /** Calls back when the stream has written what waits; ends a connection that never does. */
  waitForDrain(callback: () => void): void;
};
