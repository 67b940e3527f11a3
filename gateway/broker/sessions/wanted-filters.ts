// Which of the filters a client subscribes its session takes on: those that are new or other than before, as many as may be.
import { levelsOf } from '../mqtt/topic-filter.js';
import type { Sessions } from './sessions.js';
import { isSameSubscription } from './subscription.js';
import type { StoredSubscription } from './subscription.js';

export interface FilterLimits {
  readonly maxSubscriptions: number;
  readonly maxFilterLevels: number;
  readonly maxFilterLevelsTotal: number;
  readonly maxFilterBytes: number;
  readonly maxFilterBytesTotal: number;
}

/** What is beyond is not kept: the client was told so when it subscribed. */
export function wantedFilters(
  sessions: Sessions,
  clientId: string,
  subscriptions: readonly StoredSubscription[],
  limits: FilterLimits,
): StoredSubscription[] {
  const session = sessions.get(clientId);
  const known = session?.subscriptions;
  let count = known?.size ?? 0;
  let levels = session?.levels ?? 0;
  let all = sessions.levels;
  let bytes = session?.filterBytes ?? 0;
  let allBytes = sessions.filterBytes;
  const added = new Set<string>();
  return subscriptions.filter((subscription) => {
    const before = known?.get(subscription.topic);
    if (before !== undefined) return !isSameSubscription(before.restored, subscription);
    if (added.has(subscription.topic)) return true;
    const own = levelsOf(subscription.topic);
    if (count >= limits.maxSubscriptions || levels + own > limits.maxFilterLevels) return false;
    if (all + own > limits.maxFilterLevelsTotal) return false;
    const ownBytes = Buffer.byteLength(subscription.topic);
    if (bytes + ownBytes > limits.maxFilterBytes || allBytes + ownBytes > limits.maxFilterBytesTotal)
      return false;
    added.add(subscription.topic);
    count++;
    levels += own;
    all += own;
    bytes += ownBytes;
    allBytes += ownBytes;
    return true;
  });
}

/**
 * Whether the sessions of all clients together have room for one more: what fills them may be of clients that are away, of
 * which who counts those that are connected knows nothing.
 */
export function isRoomFor(
  sessions: Sessions,
  clientId: string,
  filter: string,
  limits: FilterLimits,
): boolean {
  if (sessions.get(clientId)?.subscriptions.has(filter) === true) return true;
  if (sessions.levels + levelsOf(filter) > limits.maxFilterLevelsTotal) return false;
  return sessions.filterBytes + Buffer.byteLength(filter) <= limits.maxFilterBytesTotal;
}
