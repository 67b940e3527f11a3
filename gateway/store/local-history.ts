// The local history as a ReadingStore: in the same file as the outbox, kept by the same thread.
import type { Clock, DeliveryReport, HistoryQuery, ReadingStore } from '../../shared/ports.js';
import type { RecordedSample } from '../../shared/sample.js';
import { rowOfRecorded, sampleOfRow } from './sample-row.js';
import type { StoreLink } from './store-link.js';

export interface HistoryRetention {
  /** Samples older than this go at the next prune. */
  readonly keepMs?: number;
  /** Beyond this many samples the first stored go at the next prune. */
  readonly maxRows?: number;
}

/** Rows a prune takes at once: a few milliseconds, so that no append waits longer for its commit. */
const PRUNE_CHUNK_ROWS = 1000;

export class LocalHistory implements ReadingStore {
  readonly kind = 'local';
  readonly #link: StoreLink;
  readonly #clock: Clock;
  readonly #retention: HistoryRetention;

  constructor(link: StoreLink, clock: Clock, retention: HistoryRetention) {
    this.#link = link;
    this.#clock = clock;
    this.#retention = retention;
  }

  /** Nothing is poison here: a body is JSON text, whatever its keys. */
  async deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    await this.#link.call('deliver', { rows: samples.map(rowOfRecorded) });
    return { poisoned: [] };
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    return (await this.#link.call('queryHistory', query)).map(sampleOfRow);
  }

  /** Removes what is too old or too much, chunk after chunk; resolves with the number of samples removed. */
  async prune(): Promise<number> {
    const { keepMs, maxRows } = this.#retention;
    const step = {
      chunkRows: PRUNE_CHUNK_ROWS,
      ...(keepMs === undefined ? {} : { beforeTs: this.#clock.now() - keepMs }),
      ...(maxRows === undefined ? {} : { maxRows }),
    };
    let removed = 0;
    for (;;) {
      const now = await this.#link.call('prune', step);
      removed += now;
      if (now < PRUNE_CHUNK_ROWS) return removed;
    }
  }
}
