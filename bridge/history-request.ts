// What is asked of the history, over MQTT, over HTTP and in a shell: one shape, checked in one place.
import { z } from 'zod';
import { parseDurationMs } from '../shared/config/scalars.js';
import { GatewayError } from '../shared/errors.js';
import { parseCursor, type HistoryCursor } from '../shared/history-cursor.js';
import type { HistoryQuery } from '../shared/ports.js';
import { ID_PATTERN } from '../shared/topics.js';
import { explain } from './explain.js';

const MAX_SAMPLES = 10_000;
const DEFAULT_SAMPLES = 1000;
const DEFAULT_LAST = '1h';
const MAX_FIELDS = 16;
const MAX_POINTS = 5000;

const fields = z.array(z.string().min(1).max(64)).min(1).max(MAX_FIELDS);
// As far as a date reaches: https://tc39.es/ecma262/#sec-time-values-and-time-range
const moment = z.number().min(-8.64e15).max(8.64e15);
const id = z.string().regex(ID_PATTERN, 'expected an id: a-z, 0-9, _ and -');
const range = z.strictObject({
  device: id,
  gateway: id.optional(),
  from: moment.optional(),
  to: moment.optional(),
  last: z.string().optional(),
});

const request = range.extend({
  fields: fields.optional(),
  after: z.string().max(300).optional(),
  limit: z.int().min(1).max(MAX_SAMPLES).default(DEFAULT_SAMPLES),
});

/** `{device, fields, points}` beside the range: each field in at most so many stretches. */
const pointsRequest = range.extend({ fields, points: z.int().min(1).max(MAX_POINTS) });

export interface PointsRequest {
  readonly device: string;
  readonly gateway?: string;
  readonly fields: readonly string[];
  readonly points: number;
  /** Epoch ms, inclusive and exclusive. */
  readonly fromTs: number;
  readonly toTs: number;
}

/**
 * `{device, last: "10m"}` or `{device, from, to}` in epoch ms, `fields`, `limit`, and `after`: empty for the first page,
 * then what the page before gave as `next`; `gateway` where the store has those of several. Throws bad_payload.
 */
export function parseHistoryQuery(data: unknown, now: number): HistoryQuery {
  const parsed = request.safeParse(data);
  if (!parsed.success) throw new GatewayError('bad_payload', explain(parsed.error));
  const { device, limit, after } = parsed.data;
  const { fromTs, toTs } = momentsOf(parsed.data, now);
  const chosen = parsed.data.fields === undefined ? {} : { fields: parsed.data.fields };
  const behind = after === undefined ? {} : { after: cursorFrom(after, fromTs) };
  return { device, ...gatewayOf(parsed.data), fromTs, toTs, limit, ...chosen, ...behind };
}

/** Throws bad_payload. */
export function parsePointsRequest(data: unknown, now: number): PointsRequest {
  const parsed = pointsRequest.safeParse(data);
  if (!parsed.success) throw new GatewayError('bad_payload', explain(parsed.error));
  const { device, points } = parsed.data;
  const chosen = { ...gatewayOf(parsed.data), fields: parsed.data.fields };
  return { device, ...chosen, points, ...momentsOf(parsed.data, now) };
}

function gatewayOf({ gateway }: z.output<typeof range>): Pick<HistoryQuery, 'gateway'> {
  return gateway === undefined ? {} : { gateway };
}

/** Before all of the range. */
export function beginningOf(fromTs: number): HistoryCursor {
  return { ts: fromTs, identity: '' };
}

function cursorFrom(after: string, fromTs: number): HistoryCursor {
  const cursor = after === '' ? beginningOf(fromTs) : parseCursor(after);
  if (cursor !== undefined) return cursor;
  throw new GatewayError('bad_payload', 'after is empty, or what the page before gave as next.');
}

function momentsOf(
  { from, to, last }: z.output<typeof range>,
  now: number,
): Pick<HistoryQuery, 'fromTs' | 'toTs'> {
  // The end is exclusive: without + 1 a sample of this very millisecond would be missing.
  const toTs = to ?? now + 1;
  if (from !== undefined) return { fromTs: from, toTs };
  const spanMs = parseDurationMs(last ?? DEFAULT_LAST);
  if (spanMs === undefined)
    throw new GatewayError('bad_payload', 'last must be a duration such as 10m, 2h or 7d.');
  return { fromTs: toTs - spanMs, toTs };
}
