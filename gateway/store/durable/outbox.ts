// The Outbox port over the store's thread.
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type {
  HistoryQuery,
  Outbox,
  OutboxEntry,
  Poisoned,
  RefusedTelemetry,
} from '../../../shared/stores.js';
import type { IncomingSample, RecordedSample } from '../../../shared/sample.js';
import { asOne } from '../ahead/query.js';
import { bodyOfRefused } from '../outbox/dead-letter-table.js';
import { isDamaged, rowOfIncoming, sampleOfRow, soundOf, tried } from '../rows/sample.js';
import type { StoreLink } from '../thread/link.js';
import type { StoreReader } from '../thread/reader.js';
import type { StoreStats } from '../thread/protocol.js';

const SAY_EVERY_MS = 60_000;
/** Of what was refused so much is kept: as much as a sample may have. */
const MOST_REFUSED_BYTES = 64 * 1024;
const MOST_REASON_CHARS = 1000;

/** What was not kept, since the start of the process. */
export interface OutboxDrops {
  /** Samples whose append was refused with store_full: they were not acknowledged. */
  readonly refusedSamples: number;
  /** Acknowledged samples that made room for newer ones, where that is the policy. */
  readonly droppedSamples: number;
  /** Dead letters that made room for newer ones. */
  readonly droppedDeadLetters: number;
}

export interface DurableOutboxOptions {
  readonly link: StoreLink;
  readonly reader: StoreReader;
  readonly clock: Clock;
  readonly log: Log;
  /** Told before each append. */
  readonly onAppend: () => void;
  /** Told of each row that is left out of an answer because it can't be read any more. */
  readonly onDamaged: () => void;
}

export class DurableOutbox implements Outbox {
  readonly #link: StoreLink;
  readonly #reader: StoreReader;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onAppend: () => void;
  readonly #onDamaged: () => void;
  #refusedSamples = 0;
  #droppedSamples = 0;
  #saidMs = Number.NEGATIVE_INFINITY;
  #droppedDeadLetters = 0;

  constructor({ link, reader, clock, log, onAppend, onDamaged }: DurableOutboxOptions) {
    this.#link = link;
    this.#reader = reader;
    this.#clock = clock;
    this.#log = log;
    this.#onAppend = onAppend;
    this.#onDamaged = onDamaged;
  }

  get drops(): OutboxDrops {
    return {
      refusedSamples: this.#refusedSamples,
      droppedSamples: this.#droppedSamples,
      droppedDeadLetters: this.#droppedDeadLetters,
    };
  }

  async append(samples: readonly IncomingSample[], { lazily = false } = {}): Promise<void> {
    if (samples.length === 0) return;
    this.#onAppend();
    const rows = samples.map(rowOfIncoming);
    const chars = rows.reduce((sum, { body }) => sum + body.length, 0);
    try {
      const acceptedTs = this.#clock.now();
      const dropped = await this.#link.call('append', { rows, acceptedTs, lazily }, chars);
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

  async bury({ topic, gateway, device, payload, reason }: RefusedTelemetry): Promise<void> {
    const nowMs = this.#clock.now();
    const body = bodyOfRefused(topic, textOf(payload));
    const refused = { boot: null, seq: null, ts: nowMs, gateway, device, body };
    const letter = { refused, reason: reason.slice(0, MOST_REASON_CHARS), acceptedTs: nowMs };
    this.#noteDropped(await this.#link.call('bury', letter, body.length));
  }

  /** What is damaged in the file becomes a dead letter on the way. */
  async peek(limit: number, held?: string): Promise<readonly OutboxEntry[]> {
    for (;;) {
      const rows = await this.#link.call('peek', held === undefined ? { limit } : { limit, held });
      const entries: OutboxEntry[] = [];
      const poisoned: Poisoned[] = [];
      for (const row of rows) {
        const sample = tried(() => sampleOfRow(row));
        const { position, cutBehind } = row;
        if (isDamaged(sample)) poisoned.push({ position, reason: sample.damaged });
        else entries.push({ position, sample, ...(cutBehind === true ? { cutBehind } : {}) });
      }
      if (poisoned.length === 0) return entries;
      this.#log.warn({ poisoned }, 'samples are damaged in the file of the store: kept as dead letters');
      await this.settle([], poisoned);
    }
  }

  async settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void> {
    this.#noteDropped(await this.#link.call('settle', { delivered, poisoned }));
  }

  #noteDropped(dropped: number): void {
    if (dropped === 0) return;
    this.#droppedDeadLetters += dropped;
    this.#log.warn(
      { dropped, total: this.#droppedDeadLetters },
      'dead letters dropped: their limit is reached',
    );
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    // In this order: one that moves into the table between the questions is found by both, and none by neither.
    const ahead = await this.#link.call('queryAhead', query);
    const inTable = await this.#reader.queryOutbox(query);
    return soundOf(asOne(ahead, inTable, query), sampleOfRow, this.#onDamaged);
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

/** The first of it; what is no UTF-8 with the Unicode replacement character. */
function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload.subarray(0, MOST_REFUSED_BYTES));
}
