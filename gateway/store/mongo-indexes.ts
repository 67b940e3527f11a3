// The indexes of the samples and of the logbook, made and changed when the gateway first reaches the server after its start.
import { MongoServerError, type Collection, type Document } from 'mongodb';

/** Ours by name: one that somebody else made on the same key is changed when `keep` is set, but never dropped. */
const KEEP_INDEX = 'keep';

/**
 * `keepMs`: samples older than this are deleted by the server (a TTL index); undefined keeps all.
 * Gateways that share a collection share its indexes: the one that started last decides.
 */
export async function ensureIndexes<D extends Document>(
  collection: Collection<D>,
  keepMs?: number,
): Promise<void> {
  await collection.createIndex({ device: 1, ts: 1 });
  const indexes = await collection.indexes();
  const current = indexes.find(({ key }) => JSON.stringify(key) === '{"ts":1}');
  const expireAfterSeconds = keepMs === undefined ? undefined : Math.ceil(keepMs / 1000);
  if (expireAfterSeconds === undefined) {
    if (current?.name === KEEP_INDEX) await collection.dropIndex(KEEP_INDEX);
  } else if (current?.name === undefined) {
    await collection.createIndex({ ts: 1 }, { name: KEEP_INDEX, expireAfterSeconds }, undefined);
  } else if (current.expireAfterSeconds !== expireAfterSeconds) {
    await changeExpiry(collection, current.name, expireAfterSeconds);
  }
}

/** In place where the server can; else the index is made anew, which takes a while on millions of samples. */
async function changeExpiry<D extends Document>(
  collection: Collection<D>,
  name: string,
  expireAfterSeconds: number,
): Promise<void> {
  try {
    await collection.db.command({ collMod: collection.collectionName, index: { name, expireAfterSeconds } });
  } catch (thrown) {
    if (!(thrown instanceof MongoServerError) || !MAKE_ANEW_CODES.has(thrown.code)) throw thrown;
    await collection.dropIndex(name);
    await collection.createIndex({ ts: 1 }, { name: KEEP_INDEX, expireAfterSeconds }, undefined);
  }
}

const MAKE_ANEW_CODES: ReadonlySet<unknown> = new Set([
  59, // CommandNotFound
  72, // InvalidOptions: before MongoDB 5.1 an index without expiry can't be given one
]);
