// What of MongoDB can be done without. A server that refuses it still records: what is missing is named once, and done here.
import { MongoServerError } from 'mongodb';
import type { StoreCondition } from '../../../shared/stores.js';
import { concernsAll } from './errors.js';

const SENTENCES = {
  no_index:
    'The server refused an index on device and time. Samples are stored; questions take the server longer. Make the index yourself if you can.',
  other_index:
    'A unique index on device and time lies in the collection: of two samples of one moment it refuses the second, which becomes a dead letter. Drop it if nobody needs it.',
  no_expiry:
    'The server can’t delete by age (no index with expireAfterSeconds): the gateway deletes what is older than recorder.keep, a thousand at a time.',
  longer_keep:
    'The server keeps longer than recorder.keep, as somebody else has set it: the gateway does not shorten that. Drop the index “keep” of the collection if it should.',
  no_claims:
    'The gateway may not write to the collection “retention”, by which gateways that share a database agree on the longest keep: none is shortened.',
  no_points: 'The server can’t make points of a field: the gateway reads the range and makes them itself.',
} as const satisfies Record<string, string>;

export type Lack = keyof typeof SENTENCES;

export function conditionOfLack(name: Lack): StoreCondition {
  return { name, sentence: SENTENCES[name] };
}

/** Not authorized: for an index or a collection of ours one can do without, unlike for the samples. */
const UNAUTHORIZED = 13;

/** Whether the server said no to this alone; what says that it is away or lets nobody in is thrown on. */
export function isRefusal(thrown: unknown): thrown is MongoServerError {
  if (!(thrown instanceof MongoServerError)) return false;
  return thrown.code === UNAUTHORIZED || !concernsAll(thrown.code);
}
