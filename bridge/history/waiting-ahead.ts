// What waits in the outbox, read ahead of the pages that are made of it: the outbox has no index by device or time, so
// each question walks all of it, and one for every page would make an export of n samples cost n².
import { compareCursors, cursorOf } from '../../shared/history-cursor.js';
import type { HistoryQuery, Outbox } from '../../shared/stores.js';
import type { RecordedSample } from '../../shared/sample.js';

/** Tens of MB at most; a full outbox of a million is then walked twenty times. */
export const READ_AHEAD = 50_000;
const READ_AHEAD_CHARS = 16_000_000;

/** Of one device and range, for pages in their order. What is accepted after a walk is seen by the next one, if there is one. */
export class WaitingAhead implements Pick<Outbox, 'query'> {
  readonly #outbox: Pick<Outbox, 'query'>;
  #ahead: readonly RecordedSample[] = [];
  #hasAll = false;

  constructor(outbox: Pick<Outbox, 'query'>) {
    this.#outbox = outbox;
  }

  /** With `after`, which never goes back. */
  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    const { limit, after } = query;
    if (after === undefined) return this.#outbox.query(query);
    const first = this.#ahead.findIndex((sample) => compareCursors(cursorOf(sample), after) > 0);
    this.#ahead = first < 0 ? [] : this.#ahead.slice(first);
    if (!this.#hasAll && this.#ahead.length < limit) {
      const most = Math.max(limit, READ_AHEAD);
      this.#ahead = await this.#outbox.query({ ...query, limit: most, maxChars: READ_AHEAD_CHARS });
      const chars = this.#ahead.reduce((sum, sample) => sum + JSON.stringify(sample).length, 0);
      this.#hasAll = this.#ahead.length < most && chars < READ_AHEAD_CHARS;
    }
    return this.#ahead.slice(0, limit);
  }
}
