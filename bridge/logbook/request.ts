// request/logbook: who did what, and what happened.
import { z } from 'zod';
import { LOGBOOK_KINDS, type Logbook, type LogbookEntry, type LogbookQuery } from '../../shared/logbook.js';
import type { Clock } from '../../shared/ports.js';
import { ID_PATTERN } from '../../shared/topics.js';
import { logbookOfBoth, type Former } from '../history/also-former.js';
import { moment, rangeOf } from '../payload/asked-range.js';
import { fitting, MAX_ANSWER_BYTES, mostAnswerBytes, type LargestMessage } from '../messages/answer-size.js';
import { payloadOf } from '../payload/explain.js';

const MAX_ENTRIES = 10_000;
const DEFAULT_ENTRIES = 1000;
const DEFAULT_LAST = '1d';
/** Gateway, device, name and id of a command, and its time. */
const MAX_KEY_CHARS = 500;

export const logbookRequest = z.strictObject({
  kind: z.enum(LOGBOOK_KINDS).optional(),
  device: z.string().regex(ID_PATTERN, 'an id is of a-z, 0-9, _ and -').optional(),
  name: z.string().max(64).optional(),
  from: moment,
  to: moment,
  last: z.string().optional(),
  before: z.string().min(1).max(MAX_KEY_CHARS).optional(),
  limit: z.int().min(1).max(MAX_ENTRIES).default(DEFAULT_ENTRIES),
});

export interface LogbookAnswer {
  readonly from: number;
  readonly to: number;
  /** Oldest first. */
  readonly entries: readonly LogbookEntry[];
  /** There are older entries in the range than the limit, or the size of an answer, let through. */
  readonly truncated: boolean;
  /** Where it is truncated: the `before` of the page with older ones. */
  readonly next?: string;
}

/** `{kind?, device?, name?, last: "12h"}`, or from and to; `before`: what a page gave as `next`. Throws bad_payload. */
export function parseLogbookQuery(data: unknown, now: number): LogbookQuery {
  const asked = payloadOf(logbookRequest, data);
  const { kind, device, name, limit, before } = asked;
  return {
    ...rangeOf(asked, { now, otherwise: DEFAULT_LAST }),
    limit,
    ...(kind === undefined ? {} : { kind }),
    ...(device === undefined ? {} : { device }),
    ...(name === undefined ? {} : { name }),
    ...(before === undefined ? {} : { before }),
  };
}

/** Rejects with bad_payload, or with the store's error. */
export async function answerLogbook(
  logbook: Pick<Logbook, 'query' | 'keyOf'>,
  data: unknown,
  clock: Clock,
  largestMessage: LargestMessage = () => undefined,
  former: Former = () => undefined,
): Promise<LogbookAnswer> {
  const query = logbookOfBoth(parseLogbookQuery(data, clock.now()), former);
  const found = await logbook.query({ ...query, limit: query.limit + 1, maxChars: 2 * MAX_ANSWER_BYTES });
  const entries = fitting(found.slice(-query.limit), 'newest', mostAnswerBytes(largestMessage));
  const truncated = found.length > entries.length;
  const [oldest] = entries;
  const next = truncated && oldest !== undefined ? { next: logbook.keyOf(oldest) } : {};
  return { from: query.fromTs, to: query.toTs, entries, truncated, ...next };
}
