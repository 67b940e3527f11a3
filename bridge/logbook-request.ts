// request/logbook: who did what, and what happened.
import { z } from 'zod';
import { parseDurationMs } from '../shared/config/scalars.js';
import { GatewayError } from '../shared/errors.js';
import { LOGBOOK_KINDS, type Logbook, type LogbookEntry, type LogbookQuery } from '../shared/logbook.js';
import type { Clock } from '../shared/ports.js';
import { ID_PATTERN } from '../shared/topics.js';
import { explain } from './explain.js';

const MAX_ENTRIES = 10_000;
const DEFAULT_ENTRIES = 1000;
const DEFAULT_LAST = '1d';

const request = z.strictObject({
  kind: z.enum(LOGBOOK_KINDS).optional(),
  device: z.string().regex(ID_PATTERN, 'expected an id: a-z, 0-9, _ and -').optional(),
  name: z.string().max(64).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  last: z.string().optional(),
  limit: z.int().min(1).max(MAX_ENTRIES).default(DEFAULT_ENTRIES),
});

export interface LogbookAnswer {
  readonly from: number;
  readonly to: number;
  /** Oldest first. */
  readonly entries: readonly LogbookEntry[];
  /** There are older entries in the range than the limit let through. */
  readonly truncated: boolean;
}

/** `{kind?, device?, name?, last: "12h"}`, or from and to in epoch ms. Throws bad_payload. */
export function parseLogbookQuery(data: unknown, now: number): LogbookQuery {
  const parsed = request.safeParse(data);
  if (!parsed.success) throw new GatewayError('bad_payload', explain(parsed.error));
  const { kind, device, name, from, to, last, limit } = parsed.data;
  const toTs = to ?? now + 1;
  const spanMs = parseDurationMs(last ?? DEFAULT_LAST);
  if (spanMs === undefined)
    throw new GatewayError('bad_payload', 'last must be a duration such as 10m, 12h or 7d.');
  return {
    fromTs: from ?? toTs - spanMs,
    toTs,
    limit,
    ...(kind === undefined ? {} : { kind }),
    ...(device === undefined ? {} : { device }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Rejects with bad_payload, or with the store's error. */
export async function answerLogbook(
  logbook: Pick<Logbook, 'query'>,
  data: unknown,
  clock: Clock,
): Promise<LogbookAnswer> {
  const query = parseLogbookQuery(data, clock.now());
  const entries = await logbook.query({ ...query, limit: query.limit + 1 });
  return {
    from: query.fromTs,
    to: query.toTs,
    entries: entries.slice(-query.limit),
    truncated: entries.length > query.limit,
  };
}
