// Samples of a range out of MongoDB, with no index beside {device, ts}.
import type { Collection, Filter, FindCursor } from 'mongodb';
import { compareCursors, cursorOf } from '../../shared/history-cursor.js';
import type { HistoryQuery } from '../../shared/ports.js';
import { onlyFields, type RecordedSample } from '../../shared/sample.js';
import { escapeKey, sampleOfDocument, type SampleDocument } from './mongo-document.js';

type Samples = Collection<SampleDocument>;
type Page = HistoryQuery & Required<Pick<HistoryQuery, 'after'>>;

/** The server gives a question up by itself after this long, so that a huge range costs it no more. */
export const ANSWER_WITHIN_MS = 10_000;

/** Oldest first: of more than `limit` the newest, or with `after` the oldest behind it. */
export async function findSamples(samples: Samples, query: HistoryQuery): Promise<readonly RecordedSample[]> {
  const { limit, after, fields } = query;
  // To MongoDB limit 0 means all.
  if (limit < 1) return [];
  const found =
    after === undefined ? await newest(samples, query) : await behind(samples, { ...query, after });
  const all = found.map(sampleOfDocument);
  return fields === undefined ? all : all.flatMap((sample) => onlyFields(sample, fields) ?? []);
}

async function newest(samples: Samples, query: HistoryQuery): Promise<SampleDocument[]> {
  const found = await find(samples, query, rangeOf(query)).sort({ ts: -1 }).toArray();
  return found.reverse();
}

/**
 * The index knows nothing of the order within one moment, and a sort by `_id` as well would read the whole range for
 * each page. So: the rest of the cursor's moment, then what is later, and the last moment of that once more, whole.
 */
async function behind(samples: Samples, query: Page): Promise<SampleDocument[]> {
  const { after, fromTs, limit } = query;
  const begun = after.ts < fromTs ? [] : await momentOf(samples, query, Math.floor(after.ts), after.identity);
  if (begun.length >= limit) return begun;
  const later = { ...query, fromTs: Math.max(fromTs, Math.floor(after.ts) + 1), limit: limit - begun.length };
  const next = await find(samples, later, rangeOf(later)).sort({ ts: 1 }).toArray();
  const last = next.at(-1);
  // Fewer than asked for: all there are.
  if (last === undefined || next.length < later.limit) return [...begun, ...inOrder(next)];
  const before = next.filter(({ ts }) => ts.getTime() < last.ts.getTime());
  const whole = await momentOf(samples, query, last.ts.getTime(), '');
  return [...begun, ...inOrder(before), ...whole].slice(0, limit);
}

async function momentOf(
  samples: Samples,
  query: HistoryQuery,
  ts: number,
  identity: string,
): Promise<SampleDocument[]> {
  if (ts >= query.toTs) return [];
  const moment = { device: query.device, ts: new Date(ts), _id: { $gt: identity } };
  return find(samples, query, moment).sort({ _id: 1 }).toArray();
}

function find(
  samples: Samples,
  { gateway, limit, fields }: HistoryQuery,
  range: Filter<SampleDocument>,
): FindCursor<SampleDocument> {
  const having = fields?.map((field) => ({ [`values.${escapeKey(field)}`]: { $exists: true } }));
  const ofGateway = gateway === undefined ? [] : [{ gateway }];
  const filter = { $and: [range, ...ofGateway, ...(having === undefined ? [] : [{ $or: having }])] };
  return samples.find(filter, { maxTimeMS: ANSWER_WITHIN_MS }).limit(limit);
}

function rangeOf({ device, fromTs, toTs }: HistoryQuery): Filter<SampleDocument> {
  return { device, ts: { $gte: new Date(fromTs), $lt: new Date(toTs) } };
}

function inOrder(found: readonly SampleDocument[]): SampleDocument[] {
  const cursor = (document: SampleDocument): ReturnType<typeof cursorOf> =>
    cursorOf(sampleOfDocument(document));
  return [...found].sort((a, b) => compareCursors(cursor(a), cursor(b)));
}
