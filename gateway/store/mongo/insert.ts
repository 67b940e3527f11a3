// Sends documents to MongoDB so that one which can't be taken doesn't hold up the others.
import { BSON, MongoInvalidArgumentError, type Collection } from 'mongodb';
import { isMadeByGateway } from '../../../shared/boot.js';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock } from '../../../shared/ports.js';
import { within } from '../../../shared/within.js';
import { refusalsOf, type Outcome, type RefusedDocument, type Refusals } from './outcome.js';
import { bootOfDocument, documentOfAnother, type SampleDocument } from './document.js';
import { ANSWER_WITHIN_MS } from './samples.js';

/** What a MongoDB document may have; the server says the same in its hello. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** A server that heeds no `maxTimeMS` is not waited for. */
const QUESTION_MS = ANSWER_WITHIN_MS + 1000;

export interface InsertPlace {
  readonly collection: Collection<SampleDocument>;
  readonly clock: Clock;
}

/** What of the documents was refused; all others are in the store when it resolves. */
export async function insertDocuments(
  place: InsertPlace,
  documents: readonly SampleDocument[],
): Promise<Refusals> {
  try {
    return await insert(place, documents);
  } catch (thrown) {
    // The driver refuses the whole batch, and sends nothing, for one document that it can't encode.
    if (!isDriversRefusal(thrown)) throw thrown;
    const unsendable = documents.flatMap((document, index) => {
      const reason = whyUnsendable(document);
      return reason === undefined ? [] : [{ index, reason }];
    });
    if (unsendable.length === 0) throw thrown;
    return withoutUnsendable(place, documents, unsendable);
  }
}

async function withoutUnsendable(
  place: InsertPlace,
  documents: readonly SampleDocument[],
  unsendable: readonly RefusedDocument[],
): Promise<Refusals> {
  const left = new Set(unsendable.map(({ index }) => index));
  const sendable = [...documents.keys()].filter((index) => !left.has(index));
  const refused = await insertSome(place, documents, sendable, insert);
  return { ...refused, poisoned: [...unsendable, ...refused.poisoned] };
}

/** Those at `indexes`; what was refused by its index in `documents`. */
async function insertSome(
  place: InsertPlace,
  documents: readonly SampleDocument[],
  indexes: readonly number[],
  send: (place: InsertPlace, documents: readonly SampleDocument[]) => Promise<Refusals>,
): Promise<Refusals> {
  const some = indexes.flatMap((index) => documents[index] ?? []);
  const { poisoned, undecided } = await send(place, some);
  const asSent = ({ index, reason }: RefusedDocument): RefusedDocument => ({
    index: indexes[index] ?? index,
    reason,
  });
  return { poisoned: poisoned.map(asSent), undecided: undecided.map(asSent) };
}

/** Whose identity is there already is stored, unless what is there is another gateway's. */
async function insert(place: InsertPlace, documents: readonly SampleDocument[]): Promise<Refusals> {
  const refused = await insertOnce(place, documents);
  const { others, untold } = await ofAnotherGateway(place, documents, refused.present);
  const undecided = [...refused.undecided, ...untold];
  if (others.length === 0) return { poisoned: refused.poisoned, undecided };
  const again = await insertSome(place, documents.map(documentOfAnother), others, insertOnce);
  return {
    poisoned: [...refused.poisoned, ...again.poisoned],
    undecided: [...undecided, ...again.undecided],
  };
}

interface Whose {
  readonly others: readonly number[];
  /** What is there was not told, and may be another gateway's. */
  readonly untold: readonly RefusedDocument[];
}

/**
 * Whoever may insert may not be let to ask, and a server may take ever so long for the answer. What was accepted must not
 * wait for that: that the identity is there is certain, and one that a gateway has made is no other's. Only where a client
 * chose it is it tried some times more, and then kept as a dead letter.
 */
async function ofAnotherGateway(
  place: InsertPlace,
  documents: readonly SampleDocument[],
  present: readonly number[],
): Promise<Whose> {
  if (present.length === 0) return { others: [], untold: [] };
  const ids = present.flatMap((index) => documents[index]?._id ?? []);
  const told = await gatewaysOf(place, ids);
  if ('gateways' in told) {
    const { gateways } = told;
    const others = present.filter((index) => {
      const { _id = '', gateway } = documents[index] ?? {};
      return gateways.has(_id) && gateways.get(_id) !== gateway;
    });
    return { others, untold: [] };
  }
  const reason = `its _id is there already, and MongoDB does not tell of which gateway: ${told.why}`;
  const chosen = present.filter((index) => {
    const document = documents[index];
    return document !== undefined && !isMadeByGateway(bootOfDocument(document));
  });
  return { others: [], untold: chosen.map((index) => ({ index, reason })) };
}

/** By `_id`; or why that is not known. */
async function gatewaysOf(
  { collection, clock }: InsertPlace,
  ids: readonly string[],
): Promise<{ readonly gateways: ReadonlyMap<string, string> } | { readonly why: string }> {
  const asking = new AbortController();
  const { signal } = asking;
  const options = { projection: { gateway: 1 }, maxTimeMS: ANSWER_WITHIN_MS, signal };
  let there: readonly SampleDocument[] = [];
  const question = collection
    .find({ _id: { $in: [...ids] } }, options)
    .toArray()
    .then((found) => (there = found));
  try {
    if ((await within(question, QUESTION_MS, clock)) === 'ended')
      return { gateways: new Map(there.map(({ _id, gateway }) => [_id, gateway])) };
    asking.abort();
    return { why: 'it did not answer in time' };
  } catch (thrown) {
    return { why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function insertOnce(
  { collection }: InsertPlace,
  documents: readonly SampleDocument[],
): Promise<Outcome> {
  if (documents.length === 0) return NONE;
  try {
    const { insertedCount } = await collection.insertMany(documents, { ordered: false });
    if (insertedCount < documents.length)
      throw new GatewayError(
        'store_failed',
        `MongoDB says that it took ${String(insertedCount)} of ${String(documents.length)} documents, and nothing of the others.`,
      );
    return NONE;
  } catch (thrown) {
    if (isDriversRefusal(thrown)) throw thrown;
    return refusalsOf(thrown, documents.length);
  }
}

const NONE: Outcome = { poisoned: [], undecided: [], present: [] };

function whyUnsendable(document: SampleDocument): string | undefined {
  try {
    const bytes = BSON.serialize(document).byteLength;
    return bytes > MAX_DOCUMENT_BYTES
      ? `${String(bytes)} bytes are more than a MongoDB document may have`
      : undefined;
  } catch (thrown) {
    return `not to be written as BSON: ${String(thrown)}`;
  }
}

function isDriversRefusal(thrown: unknown): boolean {
  return thrown instanceof BSON.BSONError || thrown instanceof MongoInvalidArgumentError;
}
