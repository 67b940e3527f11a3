// A store that may be away: what waits in the outbox is then all there is to tell, and the answer says so. While MongoDB
// is away that is the whole time since it went.
import { asGatewayError, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import type { HistoryQuery, ReadingStore } from '../../shared/stores.js';
import type { Point, PointsQuery } from '../../shared/points.js';
import type { RecordedSample } from '../../shared/sample.js';

const AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['store_unreachable', 'store_refused']);

/** For one question: once it was away it is not asked again, because each time can take seconds. */
export class StoreOrNothing implements Pick<ReadingStore, 'query' | 'points' | 'known'> {
  readonly #store: Pick<ReadingStore, 'query' | 'points' | 'known'>;
  #missing: ErrorBody | undefined;

  constructor(store: Pick<ReadingStore, 'query' | 'points' | 'known'>) {
    this.#store = store;
  }

  /** For the answer: why what the store has is missing, where it is. */
  get note(): { readonly missing?: ErrorBody } {
    return this.#missing === undefined ? {} : { missing: this.#missing };
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    return this.#asked(() => this.#store.query(query));
  }

  async points(query: PointsQuery): Promise<readonly Point[]> {
    return this.#asked(() => this.#store.points(query));
  }

  async known(
    device: string,
    samples: readonly Pick<RecordedSample, 'boot' | 'seq' | 'gateway'>[],
  ): Promise<ReadonlySet<number>> {
    if (samples.length === 0) return new Set();
    return new Set(await this.#asked(async () => [...((await this.#store.known?.(device, samples)) ?? [])]));
  }

  async #asked<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
    if (this.#missing !== undefined) return [];
    try {
      return await ask();
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (!AWAY.has(error.code)) throw thrown;
      this.#missing = error.toBody();
      return [];
    }
  }
}
