// Sends documents to MongoDB so that one which can't be taken doesn't hold up the others.
import { BSON, MongoInvalidArgumentError, type Collection } from 'mongodb';
import { refusalsOf, type RefusedDocument, type Refusals } from './mongo-answer.js';
import type { SampleDocument } from './mongo-document.js';

/** What a MongoDB document may have; the server says the same in its hello. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** What of the documents was refused; all others are in the store when it resolves. */
export async function insertDocuments(
  collection: Collection<SampleDocument>,
  documents: readonly SampleDocument[],
): Promise<Refusals> {
  try {
    return await insert(collection, documents);
  } catch (thrown) {
    // The driver refuses the whole batch, and sends nothing, for one document that it can't encode.
    if (!isDriversRefusal(thrown)) throw thrown;
    const unsendable = documents.flatMap((document, index) => {
      const reason = whyUnsendable(document);
      return reason === undefined ? [] : [{ index, reason }];
    });
    if (unsendable.length === 0) throw thrown;
    return withoutUnsendable(collection, documents, unsendable);
  }
}

async function withoutUnsendable(
  collection: Collection<SampleDocument>,
  documents: readonly SampleDocument[],
  unsendable: readonly RefusedDocument[],
): Promise<Refusals> {
  const left = new Set(unsendable.map(({ index }) => index));
  const sendable = [...documents.keys()].filter((index) => !left.has(index));
  const { poisoned, undecided } = await insert(
    collection,
    sendable.flatMap((index) => documents[index] ?? []),
  );
  const asSent = ({ index, reason }: RefusedDocument): RefusedDocument => ({
    index: sendable[index] ?? index,
    reason,
  });
  return { poisoned: [...unsendable, ...poisoned.map(asSent)], undecided: undecided.map(asSent) };
}

async function insert(
  collection: Collection<SampleDocument>,
  documents: readonly SampleDocument[],
): Promise<Refusals> {
  if (documents.length === 0) return NONE;
  try {
    await collection.insertMany(documents, { ordered: false });
    return NONE;
  } catch (thrown) {
    if (isDriversRefusal(thrown)) throw thrown;
    return refusalsOf(thrown, documents.length);
  }
}

const NONE: Refusals = { poisoned: [], undecided: [] };

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
