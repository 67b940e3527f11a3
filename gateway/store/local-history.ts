// The local history as a ReadingStore: in the same file as the outbox, kept by the same thread.
import type { Clock, DeliveryReport, HistoryQuery, ReadingStore } from '../../shared/ports.js';
import type { Point, PointsQuery } from '../../shared/points.js';
import type { RecordedSample } from '../../shared/sample.js';
import { chosen, rowOfRecorded, sampleOfStored } from './sample-row.js';
import type { StoreLink } from './store-link.js';
import type { StoreReader } from './store-reader.js';

export interface HistoryRetention {
  /** Samples older than this go at the next prune; see retention-clock.ts. */
  readonly keepMs?: number;
}

/** Rows a prune takes at once: a few milliseconds, so that no append waits longer for its commit. */
const PRUNE_CHUNK_ROWS = 1000;
/** Chunks of one prune: what is left goes with the next, so that a shorter `keep` holds up no delivery for minutes. */
const PRUNE_CHUNKS = 200;

export class LocalHistory implements ReadingStore {
  readonly kind = 'local';
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  readonly #clock: Clock;
  readonly #retention: HistoryRetention;

  constructor(link: StoreLink, reader: StoreReader, clock: Clock, retention: HistoryRetention) {
    this.#link = link;
    this.#reader = reader;
    this.#clock = clock;
    this.#retention = retention;
  }

  /** Nothing is poison here: a body is JSON text, whatever its keys. */
  async deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    await this.#link.call('deliver', { rows: samples.map(rowOfRecorded) });
    return { poisoned: [] };
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    const samples = (await this.#reader.queryHistory(query)).map(sampleOfStored);
    return chosen(samples, query.fields);
  }

  /** The oldest `limit` of the outbox, in one transaction within the store's file; how many there were. */
  async takeOver(limit: number): Promise<number> {
    return this.#link.call('takeOver', { limit });
  }

  async points(query: PointsQuery): Promise<readonly Point[]> {
    return this.#reader.points(query);
  }

  /** Removes what is too old or too much, chunk after chunk; resolves with the number of samples removed. */
  async prune(): Promise<number> {
    const { keepMs } = this.#retention;
    const step = {
      chunkRows: PRUNE_CHUNK_ROWS,
      nowTs: this.#clock.now(),
      monotonicMs: this.#clock.monotonicMs(),
      ...(keepMs === undefined ? {} : { keepMs }),
    };
    let removed = 0;
    for (let chunk = 0; chunk < PRUNE_CHUNKS; chunk += 1) {
      const now = await this.#link.call('prune', step);
      removed += now;
      if (now === 0) break;
    }
    if (removed > 0) await this.#link.call('sweep', null);
    return removed;
  }
}
