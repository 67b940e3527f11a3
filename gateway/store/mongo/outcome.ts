// What an insert's outcome says of each document: in the store, never to be taken, or not known.
import { MongoBulkWriteError, type WriteError } from 'mongodb';
import { classifyMongoError, concernsAll, isPoisonCode } from './errors.js';

const DUPLICATE_KEY = 11000;

export interface RefusedDocument {
  /** In the list that was sent. */
  readonly index: number;
  readonly reason: string;
}

/** What is not in the store of what was sent; all others are. */
export interface Refusals {
  /** Will never be taken. */
  readonly poisoned: readonly RefusedDocument[];
  /** Refused with a code that is in no list: it may be the document, it may pass. */
  readonly undecided: readonly RefusedDocument[];
}

export interface Outcome extends Refusals {
  /** Indexes of those whose `_id` was there already. */
  readonly present: readonly number[];
}

/**
 * The documents that were refused, when all others are in the store. Throws store_unreachable, store_refused
 * or store_failed when that is not certain: then the same documents must be sent again (docs/architecture.md#mongodb).
 * A lost reply is a bulk error with an empty list of write errors: unknown, not "all duplicates".
 */
export function refusalsOf(thrown: unknown, sent: number): Outcome {
  if (!(thrown instanceof MongoBulkWriteError)) throw classifyMongoError(thrown);
  const errors = [thrown.writeErrors].flat();
  if (errors.length === 0 || thrown.result.getWriteConcernError() !== undefined)
    throw classifyMongoError(thrown);
  const general = errors.find(({ code }) => concernsAll(code));
  if (general !== undefined) throw classifyMongoError(thrown, general.code);
  // mongo-java-server counts refused documents as inserted, so the sum may be more; less means documents not tried.
  if (thrown.insertedCount + errors.length < sent) throw classifyMongoError(thrown);
  const undecided = errors.filter((error) => !isStored(error) && !isPoison(error));
  // All of several: that is the server, whatever its code; giving up documents for it would empty the outbox.
  if (undecided.length === sent) throw classifyMongoError(thrown, undecided[0]?.code);
  return {
    poisoned: errors.filter(isPoison).map(reasonOf),
    undecided: undecided.map(reasonOf),
    present: errors.filter(isStored).map(({ index }) => index),
  };
}

function reasonOf({ index, code, errmsg }: WriteError): RefusedDocument {
  return { index, reason: `MongoDB error ${String(code)}: ${errmsg ?? 'no message'}` };
}

/** The identity is there already. A duplicate in somebody's own unique index is not: that document is refused. */
function isStored({ code, errmsg }: WriteError): boolean {
  return code === DUPLICATE_KEY && !namesAnotherIndex(errmsg);
}

function isPoison({ code, errmsg }: WriteError): boolean {
  return isPoisonCode(code) || (code === DUPLICATE_KEY && namesAnotherIndex(errmsg));
}

function namesAnotherIndex(errmsg = ''): boolean {
  const index = / index: (\S+)/.exec(errmsg)?.[1];
  return index !== undefined && index !== '_id_';
}
