// The Outbox port over the store's thread.
import { GatewayError } from '../../shared/errors.js';
import type { Clock, HistoryQuery, Log, Outbox, OutboxEntry, Poisoned } from '../../shared/ports.js';
import type { IncomingSample, RecordedSample } from '../../shared/sample.js';
import { chosen, rowOfIncoming, sampleOfRow } from './sample-row.js';
import type { StoreLink } from './store-link.js';
import type { StoreReader } from './store-reader.js';
import type { StoreStats } from './store-protocol.js';

const SAY_EVERY_MS = 60_000;

/** What was not kept, since the start of the process. */
export interface OutboxDrops {
  /** Samples whose append was refused with store_full: they were not acknowledged. */
  readonly refusedSamples: number;
  /** Acknowledged samples that made room for newer ones, where that is the policy. */
  readonly droppedSamples: number;
  /** Dead letters that made room for newer ones. */
  readonly droppedDeadLetters: number;
}

export class DurableOutbox implements Outbox {
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  readonly #clock: Clock;
  readonly #log: Log;
  #refusedSamples = 0;
  #droppedSamples = 0;
  #saidMs = Number.NEGATIVE_INFINITY;
  #droppedDeadLetters = 0;

  constructor(link: StoreLink, reader: StoreReader, clock: Clock, log: Log) {
    this.#link = link;
    this.#reader = reader;
    this.#clock = clock;
    this.#log = log;
  }

  get drops(): OutboxDrops {
    return {
      refusedSamples: this.#refusedSamples,
      droppedSamples: this.#droppedSamples,
      droppedDeadLetters: this.#droppedDeadLetters,
    };
  }

  async append(samples: readonly IncomingSample[]): Promise<void> {
    if (samples.length === 0) return;
    const rows = samples.map(rowOfIncoming);
    const chars = rows.reduce((sum, { body }) => sum + body.length, 0);
    try {
      const dropped = await this.#link.call('append', { rows, acceptedTs: this.#clock.now() }, chars);
      if (dropped === 0) return;
      this.#droppedSamples += dropped;
      this.#sayFull('the outbox is full: the oldest samples are dropped for new ones');
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.code === 'store_full') {
        this.#refusedSamples += rows.length;
        this.#sayFull(`samples are refused: ${thrown.message}`);
      }
      throw thrown;
    }
  }

  async peek(limit: number): Promise<readonly OutboxEntry[]> {
    const rows = await this.#link.call('peek', { limit });
    return rows.map((row) => ({ position: row.position, sample: sampleOfRow(row) }));
  }

  async settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void> {
    const dropped = await this.#link.call('settle', { delivered, poisoned });
    if (dropped === 0) return;
    this.#droppedDeadLetters += dropped;
    this.#log.warn(
      { dropped, total: this.#droppedDeadLetters },
      'dead letters dropped: their limit is reached',
    );
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    return chosen((await this.#reader.queryOutbox(query)).map(sampleOfRow), query.fields);
  }

  async stats(): Promise<StoreStats> {
    return this.#link.call('stats', null);
  }

  /** Once a minute for as long as it is so: a full disk must not be filled with lines about it. */
  #sayFull(message: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = nowMs;
    this.#log.error({ ...this.drops }, message);
  }
}
