// What an insert's outcome says of each document: in the store, never to be taken, or not known.
import { MongoBulkWriteError, type WriteError } from 'mongodb';
import { classifyMongoError, isPoisonCode } from './mongo-errors.js';

const DUPLICATE_KEY = 11000;

export interface PoisonedDocument {
  /** In the list that was sent. */
  readonly index: number;
  readonly reason: string;
}

/**
 * The documents that were refused for good, when all others are in the store. Throws store_unreachable, store_refused
 * or store_failed when that is not certain: then the same documents must be sent again (DESIGN §7, MongoDB).
 * A lost reply is a bulk error with an empty list of write errors: unknown, not "all duplicates".
 */
export function poisonedOf(thrown: unknown, sent: number): readonly PoisonedDocument[] {
  if (!(thrown instanceof MongoBulkWriteError)) throw classifyMongoError(thrown);
  const errors = [thrown.writeErrors].flat();
  if (errors.length === 0 || thrown.result.getWriteConcernError() !== undefined)
    throw classifyMongoError(thrown);
  const unknown = errors.find((error) => !isStored(error) && !isPoison(error));
  if (unknown !== undefined) throw classifyMongoError(thrown, unknown.code);
  // mongo-java-server counts refused documents as inserted, so the sum may be more; less means documents not tried.
  if (thrown.insertedCount + errors.length < sent) throw classifyMongoError(thrown);
  return errors
    .filter((error) => !isStored(error))
    .map(({ index, code, errmsg }) => ({
      index,
      reason: `MongoDB error ${String(code)}: ${errmsg ?? 'no message'}`,
    }));
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
