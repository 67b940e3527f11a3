// What was recorded, wherever it lies: delivered to the store or still waiting in the outbox.
import { z } from 'zod';
import { GatewayError } from '../shared/errors.js';
import type { Clock, HistoryQuery, Outbox, ReadingStore } from '../shared/ports.js';
import type { RecordedSample } from '../shared/sample.js';
import { ID_PATTERN } from '../shared/topics.js';
import { parseDurationMs } from '../shared/config/scalars.js';
import { explain } from './explain.js';
import { pointsOf, type PointRow } from './history-points.js';
import { mergeSamples } from './merge-samples.js';

const MAX_SAMPLES = 10_000;
const DEFAULT_SAMPLES = 1000;
const DEFAULT_LAST = '1h';
const MAX_FIELDS = 16;
const MAX_POINTS = 5000;

const request = z.strictObject({
  device: z.string().regex(ID_PATTERN, 'expected an id: a-z, 0-9, _ and -'),
  from: z.number().optional(),
  to: z.number().optional(),
  last: z.string().optional(),
  limit: z.int().min(1).max(MAX_SAMPLES).default(DEFAULT_SAMPLES),
});

/** `{device, fields, points}` beside the range: each field in at most so many stretches. */
const pointsRequest = request.omit({ limit: true }).extend({
  fields: z.array(z.string().min(1).max(64)).min(1).max(MAX_FIELDS),
  points: z.int().min(1).max(MAX_POINTS),
});

export interface HistoryAnswer {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  readonly samples: readonly RecordedSample[];
  /** There are older samples in the range than the limit let through. */
  readonly truncated: boolean;
}

/** Fields made small: of each stretch of `bucketMs` that has readings `[ts, count, min, avg, max]`. */
export interface PointsAnswer {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
  readonly series: Readonly<Record<string, readonly PointRow[]>>;
}

/** `{device, last: "10m"}` or `{device, from, to}` in epoch ms. Throws bad_payload. */
export function parseHistoryQuery(data: unknown, now: number): HistoryQuery {
  const parsed = request.safeParse(data);
  if (!parsed.success) throw new GatewayError('bad_payload', explain(parsed.error));
  const { device, from, to, last, limit } = parsed.data;
  // The end is exclusive: without + 1 a sample of this very millisecond would be missing.
  const toTs = to ?? now + 1;
  if (from !== undefined) return { device, fromTs: from, toTs, limit };
  const spanMs = parseDurationMs(last ?? DEFAULT_LAST);
  if (spanMs === undefined)
    throw new GatewayError('bad_payload', 'last must be a duration such as 10m, 2h or 7d.');
  return { device, fromTs: toTs - spanMs, toTs, limit };
}

export class History {
  readonly #outbox: Pick<Outbox, 'query'>;
  readonly #store: Pick<ReadingStore, 'query' | 'points'>;
  readonly #clock: Clock;

  constructor(outbox: Pick<Outbox, 'query'>, store: Pick<ReadingStore, 'query' | 'points'>, clock: Clock) {
    this.#outbox = outbox;
    this.#store = store;
    this.#clock = clock;
  }

  /** Handles `request/history`. Rejects with bad_payload, too_large, or with the store's error. */
  async answer(data: unknown): Promise<HistoryAnswer | PointsAnswer> {
    const asksForPoints = typeof data === 'object' && data !== null && 'points' in data;
    return asksForPoints ? this.#points(data) : this.query(parseHistoryQuery(data, this.#clock.now()));
  }

  async #points(data: unknown): Promise<PointsAnswer> {
    const parsed = pointsRequest.safeParse(data);
    if (!parsed.success) throw new GatewayError('bad_payload', explain(parsed.error));
    const { fields, points, ...range } = parsed.data;
    const { device, fromTs, toTs } = parseHistoryQuery(range, this.#clock.now());
    const bucketMs = Math.max(1, Math.ceil((toTs - fromTs) / points));
    const series: [string, readonly PointRow[]][] = [];
    for (const field of fields) {
      const query = { device, field, fromTs, toTs, bucketMs };
      series.push([field, await pointsOf(this.#outbox, this.#store, query)]);
    }
    return { device, from: fromTs, to: toTs, bucketMs, series: Object.fromEntries(series) };
  }

  async query(query: HistoryQuery): Promise<HistoryAnswer> {
    // One more than asked for tells whether there are more.
    const more = { ...query, limit: query.limit + 1 };
    // The outbox first: a sample that is delivered between the two is then seen twice, never missed.
    const waiting = await this.#outbox.query(more);
    const stored = await this.#store.query(more);
    const samples = mergeSamples(stored, waiting, more.limit);
    return {
      device: query.device,
      from: query.fromTs,
      to: query.toTs,
      samples: samples.slice(-query.limit),
      truncated: samples.length > query.limit,
    };
  }
}
