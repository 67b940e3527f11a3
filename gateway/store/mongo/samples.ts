// Samples of a range out of MongoDB, with no index beside {device, ts}.
import type { Collection, Filter, FindCursor } from 'mongodb';
import { compareCursors, cursorOf, type HistoryCursor } from '../../../shared/history-cursor.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import { onlyFields, type RecordedSample } from '../../../shared/sample.js';
import {
  escapeKey,
  isSampleDocument,
  keyOfDocument,
  sampleOfDocument,
  type SampleDocument,
} from './document.js';

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
  const all = found.filter(isSampleDocument).map(sampleOfDocument);
  return fields === undefined ? all : all.flatMap((sample) => onlyFields(sample, fields) ?? []);
}

/** Of documents with these `_id`s, `keyOf` their samples. */
export async function findKnown(samples: Samples, identities: readonly string[]): Promise<readonly string[]> {
  const there: string[] = [];
  for (let from = 0; from < identities.length; from += KNOWN_AT_ONCE) {
    const some = identities.slice(from, from + KNOWN_AT_ONCE);
    const found = samples.find(
      { _id: { $in: some } },
      { projection: { gateway: 1 }, maxTimeMS: ANSWER_WITHIN_MS },
    );
    there.push(...(await found.toArray()).map(keyOfDocument));
  }
  return there;
}

const KNOWN_AT_ONCE = 5000;

async function newest(samples: Samples, query: HistoryQuery): Promise<SampleDocument[]> {
  const found = await within(find(samples, query, rangeOf(query)).sort({ ts: -1 }), query.maxChars);
  return found.reverse();
}

/**
 * The index knows nothing of the order within one moment, and a sort by `_id` as well would read the whole range for
 * each page. So: the rest of the cursor's moment, then what is later, and the last moment of that once more, whole.
 */
async function behind(samples: Samples, query: Page): Promise<SampleDocument[]> {
  const { after, fromTs, limit } = query;
  const begun =
    after.ts < fromTs ? [] : await momentOf(samples, query, { ...after, ts: Math.floor(after.ts) });
  if (begun.length >= limit) return begun;
  const later = { ...query, fromTs: Math.max(fromTs, Math.floor(after.ts) + 1), limit: limit - begun.length };
  const next = await find(samples, later, rangeOf(later)).sort({ ts: 1 }).toArray();
  const last = next.at(-1);
  // Fewer than asked for: all there are.
  if (last === undefined || next.length < later.limit) return [...begun, ...inOrder(next)];
  const before = next.filter(({ ts }) => ts.getTime() < last.ts.getTime());
  const whole = await momentOf(samples, query, { ts: last.ts.getTime(), identity: '' });
  return [...begun, ...inOrder(before), ...whole].slice(0, limit);
}

async function momentOf(
  samples: Samples,
  query: HistoryQuery,
  after: HistoryCursor,
): Promise<SampleDocument[]> {
  if (after.ts >= query.toTs) return [];
  const identity = after.identity.replace(/\+[^/]*$/, '');
  const moment = { device: query.device, ts: new Date(after.ts), _id: { $gte: identity } };
  const limit = query.limit + MOST_OF_ONE_IDENTITY;
  const found = await find(samples, { ...query, limit }, moment)
    .sort({ _id: 1 })
    .toArray();
  return inOrder(found)
    .filter((document) => compareCursors(cursorOfDocument(document), after) > 0)
    .slice(0, query.limit);
}

/** Of so many gateways one moment's samples may have the same identity: of these the order of `_id` is another. */
const MOST_OF_ONE_IDENTITY = 64;

/** As many as have so many characters, at least one. */
async function within(
  cursor: FindCursor<SampleDocument>,
  maxChars = Number.POSITIVE_INFINITY,
): Promise<SampleDocument[]> {
  const found: SampleDocument[] = [];
  let left = maxChars;
  for await (const document of cursor) {
    if (left < 0) break;
    left -= isSampleDocument(document) ? JSON.stringify(document.values).length : 0;
    found.push(document);
  }
  return found;
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
  return found
    .filter(isSampleDocument)
    .sort((a, b) => compareCursors(cursorOfDocument(a), cursorOfDocument(b)));
}

function cursorOfDocument(document: SampleDocument): HistoryCursor {
  return cursorOf(sampleOfDocument(document));
}
