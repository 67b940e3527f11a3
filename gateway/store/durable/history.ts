// The local history as a ReadingStore: in the same file as the outbox, kept by the same thread.
import type { DeliveryReport, HistoryQuery, ReadingStore, TakenOver } from '../../../shared/stores.js';
import type { Point, PointsQuery } from '../../../shared/points.js';
import type { RecordedSample } from '../../../shared/sample.js';
import type { RetentionKeeper } from './retention.js';
import type { Range } from '../retention/what-may-go.js';
import { rowOfRecorded, sampleOfStored, soundOf } from '../rows/sample.js';
import type { StoreLink } from '../thread/link.js';
import type { StoreReader } from '../thread/reader.js';

export class LocalHistory implements ReadingStore {
  readonly kind = 'local';
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  readonly #retention: RetentionKeeper;
  readonly #onDamaged: () => void;

  /** `onDamaged`: told of each row that is left out of an answer because it can't be read any more. */
  constructor(link: StoreLink, reader: StoreReader, retention: RetentionKeeper, onDamaged: () => void) {
    this.#onDamaged = onDamaged;
    this.#link = link;
    this.#reader = reader;
    this.#retention = retention;
  }

  /** Nothing is poison here: a body is JSON text, whatever its keys. */
  async deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    await this.#link.call('deliver', { rows: samples.map(rowOfRecorded) });
    return { poisoned: [] };
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    const rows = await this.#reader.queryHistory(query);
    return soundOf(rows, sampleOfStored, this.#onDamaged);
  }

  /** The oldest of the outbox, at most `limit`, in one transaction within the store's file. */
  async takeOver(limit: number): Promise<TakenOver> {
    return this.#link.call('takeOver', { limit });
  }

  async known(
    device: string,
    samples: readonly Pick<RecordedSample, 'boot' | 'seq' | 'gateway'>[],
  ): Promise<ReadonlySet<number>> {
    const asked = samples.map(({ boot, seq, gateway }) => ({ boot, seq, gateway }));
    return this.#reader.known({ device, samples: asked });
  }

  async points(query: PointsQuery): Promise<readonly Point[]> {
    return this.#reader.points(query);
  }

  /** Removes what is too old or too much; resolves with the number of samples removed. */
  prune(): Promise<number> {
    return this.#retention.prune();
  }

  /** What is old enough to be deleted, wherever it is kept. */
  mayGo(): readonly Range[] {
    return this.#retention.mayGo();
  }
}
