// What was recorded, wherever it lies: delivered to the store or still waiting in the outbox.
import type { ErrorBody } from '../../shared/errors.js';
import { cursorOf, cursorText } from '../../shared/history-cursor.js';
import { encodeJson } from '../../shared/messages.js';
import type { Clock } from '../../shared/ports.js';
import type { HistoryQuery, Outbox, ReadingStore } from '../../shared/stores.js';
import type { RecordedSample } from '../../shared/sample.js';
import { fitting, MAX_ANSWER_BYTES, mostAnswerBytes, type LargestMessage } from '../messages/answer-size.js';
import { pointsOf, type PointRow } from './points.js';
import { parseHistoryQuery, parsePointsRequest } from './request.js';
import { mergeSamples } from './merge-samples.js';
import { StoreOrNothing } from './store-or-nothing.js';
import { WaitingAhead } from './waiting-ahead.js';

export interface HistoryAnswer {
  readonly device: string;
  /** Where only that one's samples were asked for. */
  readonly gateway?: string;
  readonly from: number;
  readonly to: number;
  readonly samples: readonly RecordedSample[];
  /** There are more samples in the range: older ones, or with `after` newer ones. */
  readonly truncated: boolean;
  /** With `after`, where there are more: the `after` of the next page. */
  readonly next?: string;
  /** The store could not be asked, and why: these are those that wait for it. */
  readonly missing?: ErrorBody;
}

/** Fields made small: of each stretch of `bucketMs` that has readings `[ts, count, min, avg, max]`. */
export interface PointsAnswer {
  readonly device: string;
  readonly gateway?: string;
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
  readonly series: Readonly<Record<string, readonly PointRow[]>>;
  /** Samples with such a field that still wait in the outbox, and are counted in. */
  readonly waiting: number;
  /** Where more wait than are looked at: those older than this (epoch ms) are left out. */
  readonly leftOutBefore?: number;
  /** The store could not be asked, and why: only what waits for it is counted. */
  readonly missing?: ErrorBody;
}

/** Of a `PointRow`: a time, a count, two numbers of 24 characters at most and a mean of 22, their commas and brackets. */
const MOST_ROW_BYTES = 100;

export class History {
  readonly #outbox: Pick<Outbox, 'query'>;
  readonly #store: Pick<ReadingStore, 'query' | 'points' | 'known'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #largestMessage: LargestMessage;

  constructor(
    outbox: Pick<Outbox, 'query'>,
    store: Pick<ReadingStore, 'query' | 'points' | 'known'>,
    clock: Pick<Clock, 'now'>,
    largestMessage: LargestMessage = () => undefined,
  ) {
    this.#outbox = outbox;
    this.#store = store;
    this.#clock = clock;
    this.#largestMessage = largestMessage;
  }

  /** Handles `request/history`. Rejects with bad_payload, too_large, or with the store's error. */
  async answer(data: unknown): Promise<HistoryAnswer | PointsAnswer> {
    const asksForPoints = typeof data === 'object' && data !== null && 'points' in data;
    return asksForPoints ? this.points(data) : this.query(parseHistoryQuery(data, this.#clock.now()));
  }

  async points(data: unknown): Promise<PointsAnswer> {
    const { fields, points, ...range } = parsePointsRequest(data, this.#clock.now());
    const { fromTs, toTs } = range;
    const forRows = mostAnswerBytes(this.#largestMessage) - bytesOfNames(fields);
    const mostRows = Math.floor(forRows / MOST_ROW_BYTES / fields.length);
    const bucketMs = Math.max(1, Math.ceil((toTs - fromTs) / Math.max(1, Math.min(points, mostRows))));
    const store = new StoreOrNothing(this.#store);
    const series: [string, readonly PointRow[]][] = [];
    let waiting = 0;
    let leftOutBefore = Number.NEGATIVE_INFINITY;
    for (const field of fields) {
      const made = await pointsOf(this.#outbox, store, { ...range, field, bucketMs });
      series.push([field, made.rows]);
      waiting = Math.max(waiting, made.waiting);
      leftOutBefore = Math.max(leftOutBefore, made.leftOutBefore ?? leftOutBefore);
    }
    return {
      ...{ ...placeOf(range), bucketMs, series: Object.fromEntries(series), waiting },
      ...(Number.isFinite(leftOutBefore) ? { leftOutBefore } : {}),
      ...store.note,
    };
  }

  /** Without `after` also while the store is away; a page is then refused, because the next would go on behind the gap. */
  async query(query: HistoryQuery): Promise<HistoryAnswer> {
    const store = new StoreOrNothing(this.#store);
    const asked = query.after === undefined ? store : this.#store;
    // One more than asked for tells whether there are more.
    const more = { ...query, limit: query.limit + 1, maxChars: 2 * MAX_ANSWER_BYTES };
    // The outbox first: a sample that is delivered between the two is then seen twice, never missed.
    const waiting = await this.#outbox.query(more);
    const stored = await asked.query(more);
    const found = mergeSamples(stored, waiting, more);
    const { limit, after } = query;
    const mostBytes = mostAnswerBytes(this.#largestMessage);
    const samples =
      after === undefined
        ? fitting(found.slice(-limit), 'newest', mostBytes)
        : fitting(found.slice(0, limit), 'oldest', mostBytes);
    const truncated = found.length > samples.length;
    const last = samples.at(-1);
    const next = truncated && after !== undefined && last !== undefined ? { next: cursorText(last) } : {};
    return { ...placeOf(query), samples, truncated, ...next, ...store.note };
  }

  /** All samples behind `after`, oldest first, page after page: one of them is in memory, and what is read ahead of it. */
  async *pages(
    query: HistoryQuery & Required<Pick<HistoryQuery, 'after'>>,
  ): AsyncGenerator<readonly RecordedSample[]> {
    const ahead = new History(new WaitingAhead(this.#outbox), this.#store, this.#clock);
    let { after } = query;
    for (;;) {
      const { samples, truncated } = await ahead.query({ ...query, after });
      if (samples.length > 0) yield samples;
      const last = samples.at(-1);
      if (!truncated || last === undefined) return;
      after = cursorOf(last);
    }
  }
}

/** A character of a name may take six in JSON. */
function bytesOfNames(fields: readonly string[]): number {
  return encodeJson(Object.fromEntries(fields.map((field) => [field, []]))).length;
}

type Asked = Pick<HistoryQuery, 'device' | 'gateway' | 'fromTs' | 'toTs'>;

function placeOf({
  device,
  gateway,
  fromTs: from,
  toTs: to,
}: Asked): Pick<HistoryAnswer, 'device' | 'gateway' | 'from' | 'to'> {
  return { device, ...(gateway === undefined ? {} : { gateway }), from, to };
}
