// Sends documents to MongoDB so that one which can't be taken doesn't hold up the others.
import { BSON, MongoInvalidArgumentError, type Collection } from 'mongodb';
import { poisonedOf, type PoisonedDocument } from './mongo-answer.js';
import type { SampleDocument } from './mongo-document.js';

/** What a MongoDB document may have; the server says the same in its hello. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** The poisoned ones among the documents, by index; all others are in the store when it resolves. */
export async function insertDocuments(
  collection: Collection<SampleDocument>,
  documents: readonly SampleDocument[],
): Promise<readonly PoisonedDocument[]> {
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
    const sendable = [...documents.keys()].filter((index) =>
      unsendable.every((poison) => poison.index !== index),
    );
    const refused = await insert(
      collection,
      sendable.flatMap((index) => documents[index] ?? []),
    );
    return [
      ...unsendable,
      ...refused.map(({ index, reason }) => ({ index: sendable[index] ?? index, reason })),
    ];
  }
}

async function insert(
  collection: Collection<SampleDocument>,
  documents: readonly SampleDocument[],
): Promise<readonly PoisonedDocument[]> {
  if (documents.length === 0) return [];
  try {
    await collection.insertMany(documents, { ordered: false });
    return [];
  } catch (thrown) {
    if (isDriversRefusal(thrown)) throw thrown;
    return poisonedOf(thrown, documents.length);
  }
}

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
