// Deletes by age in place of a server that can't: in small pieces with pauses between, so that nothing waits for it.
import type { Collection, Document } from 'mongodb';
import type { Range } from '../retention/what-may-go.js';

export interface ExpiryPace {
  /** Documents of one delete. */
  readonly chunk: number;
  /** Between two of them. */
  readonly pauseMs: number;
  /** Of one round; what is left goes with the next. */
  readonly mostChunks: number;
}

export const EXPIRY_PACE: ExpiryPace = { chunk: 1000, pauseMs: 200, mostChunks: 200 };

/** How many documents went. Rejects with what MongoDB says. */
export async function expire<D extends Document & { readonly ts: Date }>(
  collection: Collection<D>,
  ranges: readonly Range[],
  { chunk, mostChunks }: ExpiryPace,
  pause: () => Promise<void>,
): Promise<number> {
  // Only the names of the oldest that may go are read.
  const old: Collection = collection.db.collection(collection.collectionName);
  let removed = 0;
  let chunks = 0;
  for (const { fromTs, toTs } of ranges) {
    for (; chunks < mostChunks; chunks += 1) {
      const range = { ts: { $lt: dateOf(toTs), $gte: dateOf(fromTs) } };
      const found = await old
        .find(range, { projection: { _id: 1 } })
        .limit(chunk)
        .toArray();
      if (found.length === 0) break;
      const { deletedCount } = await old.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
      removed += deletedCount;
      if (deletedCount === 0) break;
      await pause();
    }
  }
  return removed;
}

/** As far as a Date reaches: https://tc39.es/ecma262/#sec-time-values-and-time-range */
function dateOf(ts: number): Date {
  return new Date(Math.min(8.64e15, Math.max(-8.64e15, Math.floor(ts))));
}
