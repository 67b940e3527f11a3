// What is asked of the history, over MQTT, over HTTP and in a shell: one shape, checked in one place.
import { z } from 'zod';
import { GatewayError } from '../../shared/errors.js';
import { parseCursor, type HistoryCursor } from '../../shared/history-cursor.js';
import type { HistoryQuery } from '../../shared/stores.js';
import { ID_PATTERN } from '../../shared/topics.js';
import { moment, rangeOf } from '../payload/asked-range.js';
import { payloadOf } from '../payload/explain.js';

const MAX_SAMPLES = 10_000;
const DEFAULT_SAMPLES = 1000;
const DEFAULT_LAST = '1h';
const MAX_FIELDS = 16;
const MAX_POINTS = 5000;

const fields = z.array(z.string().min(1).max(64)).min(1).max(MAX_FIELDS);
const id = z.string().regex(ID_PATTERN, 'an id is of a-z, 0-9, _ and -');
const range = z.strictObject({
  device: id,
  gateway: id.optional(),
  from: moment,
  to: moment,
  last: z.string().optional(),
});

export const historyRequest = range.extend({
  fields: fields.optional(),
  after: z.string().max(300).optional(),
  limit: z.int().min(1).max(MAX_SAMPLES).default(DEFAULT_SAMPLES),
});

/** `{device, fields, points}` beside the range: each field in at most so many stretches. */
export const pointsRequest = range.extend({ fields, points: z.int().min(1).max(MAX_POINTS) });

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
 * `{device, last: "10m"}` or `{device, from, to}`, `fields`, `limit`, and `after`: empty for the first page,
 * then what the page before gave as `next`; `gateway` where the store has those of several. Throws bad_payload.
 */
export function parseHistoryQuery(data: unknown, now: number): HistoryQuery {
  const asked = payloadOf(historyRequest, data);
  const { device, limit, after } = asked;
  const { fromTs, toTs } = rangeOf(asked, { now, otherwise: DEFAULT_LAST });
  const chosen = asked.fields === undefined ? {} : { fields: asked.fields };
  const behind = after === undefined ? {} : { after: cursorFrom(after, fromTs) };
  return { device, ...gatewayOf(asked), fromTs, toTs, limit, ...chosen, ...behind };
}

/** Throws bad_payload. */
export function parsePointsRequest(data: unknown, now: number): PointsRequest {
  const asked = payloadOf(pointsRequest, data);
  const { device, points } = asked;
  const chosen = { ...gatewayOf(asked), fields: asked.fields };
  return { device, ...chosen, points, ...rangeOf(asked, { now, otherwise: DEFAULT_LAST }) };
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
