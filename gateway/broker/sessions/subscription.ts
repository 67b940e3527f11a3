// A subscription as a session keeps it.
import type { QoS } from '../../../shared/ports.js';

export interface StoredSubscription {
  readonly topic: string;
  readonly qos: QoS;
  readonly rh?: number | undefined;
  readonly rap?: boolean | undefined;
  readonly nl?: boolean | undefined;
  readonly subscriptionIdentifier?: number;
}

export interface QueueingSubscription extends Omit<StoredSubscription, 'subscriptionIdentifier'> {
  readonly clientId: string;
}

/** Free of aedes, which goes on changing its own. */
export function subscriptionOf(subscription: StoredSubscription): StoredSubscription {
  const { topic, qos, rh, rap, nl, subscriptionIdentifier } = subscription;
  const stored = { topic, qos, rh, rap, nl };
  return subscriptionIdentifier === undefined ? stored : { ...stored, subscriptionIdentifier };
}

export function isSameSubscription(a: StoredSubscription, b: StoredSubscription): boolean {
  return (
    a.topic === b.topic &&
    a.qos === b.qos &&
    a.rh === b.rh &&
    a.rap === b.rap &&
    a.nl === b.nl &&
    a.subscriptionIdentifier === b.subscriptionIdentifier
  );
}
