// With what a client gets a message that is encoded for it alone: by its filters, or by the group that it is a member of.
import type { QoS } from '../../../shared/ports.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { PublishFlags } from '../mqtt/publish-encoder.js';
import { filterMatches } from '../mqtt/topic-filter.js';
import { grantOf } from './grant.js';
import type { Grant } from './grant.js';

export interface Flags extends Omit<PublishFlags, 'version5'> {
  readonly subscriptionIds?: readonly number[];
}

/** Of all its filters that match, or of the group by which the message came. */
export function grantedTo({ subscriptions }: AedesClient, topic: string, group?: string): Grant {
  const matching = Object.entries(subscriptions).filter(([filter]) =>
    group === undefined ? filterMatches(filter, topic) : filter === group,
  );
  return grantOf(matching.map(([, granted]) => granted));
}

/** `qos`: with which it was queued. */
export function flagsOf(packet: StoredPacket, grant: Grant, qos?: QoS): Flags {
  const retain = packet.retain && grant.keepsRetain;
  const granted = packet.qos < grant.qos ? packet.qos : grant.qos;
  return { qos: qos ?? granted, retain, subscriptionIds: grant.ids };
}
