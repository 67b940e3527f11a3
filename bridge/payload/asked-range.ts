// A range of time as it is asked for: from, to and last, of the history and of the logbook alike.
import { z } from 'zod';
import { parseDurationMs } from '../../shared/config/schema/scalars.js';
import { GatewayError } from '../../shared/errors.js';
import { durationWords } from '../../shared/words/amounts.js';
import { isOfSetClock, LAST_MOMENT, parseMoment } from '../../shared/moment.js';

/** Of a schema: checked by `rangeOf`, which knows the time. */
export const moment = z.union([z.number(), z.string().max(64)]).optional();

/** Another clock may be ahead of this one by so much. */
const SKEW_MS = 300_000;

export interface AskedRange {
  readonly from?: number | string | undefined;
  readonly to?: number | string | undefined;
  readonly last?: string | undefined;
}

/** Epoch ms, inclusive and exclusive. Throws bad_payload. */
export function rangeOf(
  { from, to, last }: AskedRange,
  { now, otherwise }: { readonly now: number; readonly otherwise: string },
): { readonly fromTs: number; readonly toTs: number } {
  if (from !== undefined && last !== undefined)
    throw new GatewayError('bad_payload', 'from and last are two beginnings: give one of them.');
  const fromTs = from === undefined ? undefined : momentOf('from', from, now);
  // The end is exclusive: without + 1 a sample of this very millisecond would be missing.
  const toTs = to === undefined ? Math.max(now, fromTs ?? now) + 1 : momentOf('to', to, now);
  if (fromTs === undefined) return { fromTs: Math.max(-LAST_MOMENT, toTs - spanOf(last ?? otherwise)), toTs };
  if (fromTs >= toTs)
    throw new GatewayError('bad_payload', `from (${iso(fromTs)}) is not before to (${iso(toTs)}).`);
  if (to === undefined && isOfSetClock(now) && fromTs > now + SKEW_MS)
    throw new GatewayError('bad_payload', `from (${iso(fromTs)}) lies after now (${iso(now)}).`);
  return { fromTs, toTs };
}

/** Throws bad_payload. */
export function momentOf(name: string, given: number | string, now: number): number {
  const moment = parseMoment(given, now);
  if ('ts' in moment) return moment.ts;
  throw new GatewayError('bad_payload', `${name}: ${moment.wrong}.`);
}

function spanOf(last: string): number {
  const spanMs = parseDurationMs(last);
  if (spanMs !== undefined && spanMs > 0) return spanMs;
  const why = spanMs === 0 ? 'is more than nothing: 10m, 12h, 7d' : durationWords({ input: last });
  throw new GatewayError('bad_payload', `last: ${why}.`);
}

function iso(ts: number): string {
  return new Date(ts).toISOString();
}
