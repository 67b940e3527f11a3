// Whose message goes when all queues together are too large: the oldest of the fullest, again and again, so that who has
// little waiting loses nothing to who has much.
import type { Session } from './session.js';

export interface Victim {
  readonly clientId: string;
  readonly key: string;
}

/** Each must be taken out before the next is asked for. A heap: one message may stand in a thousand queues. */
export function* fullestFirst(sessions: Iterable<Session>): Generator<Victim> {
  const heap = [...sessions].filter(({ queue }) => queue.bytes > 0);
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at);
  for (let [fullest] = heap; fullest !== undefined; [fullest] = heap) {
    const key = fullest.queue.oldest();
    if (key === undefined) {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    } else yield { clientId: fullest.clientId, key };
    sink(heap, 0);
  }
}

function sink(heap: Session[], from: number): void {
  const bytesAt = (at: number): number => heap[at]?.queue.bytes ?? -1;
  for (let at = from; ;) {
    const left = 2 * at + 1;
    const fuller = bytesAt(left + 1) > bytesAt(left) ? left + 1 : left;
    const [here, below] = [heap[at], heap[fuller]];
    if (here === undefined || below === undefined || bytesAt(fuller) <= bytesAt(at)) return;
    heap[at] = below;
    heap[fuller] = here;
    at = fuller;
  }
}
