// The indexes of the samples and of the logbook, made and changed before something is delivered, never for a question.
import { MongoServerError, type Collection, type Document } from 'mongodb';
import { claimKeep, expiryMade, noteExpiry } from './keep-claims.js';
import { isRefusal, type Lack } from './lacks.js';

/** Ours by name: one that somebody else made on the same key is changed when `keep` is set, but never dropped. */
const KEEP_INDEX = 'keep';
/** MongoDB takes no more than an int32 (68 years): https://www.mongodb.com/docs/manual/core/index-ttl/ */
const MOST_SECONDS = 2 ** 31 - 1;
const NAMESPACE_NOT_FOUND = 26;

export interface Keeping {
  /** Samples older than this are deleted by the server; undefined keeps all. */
  readonly keepMs: number | undefined;
  /** The gateway, or the recorder alone, that asks for it. */
  readonly owner: string;
  /** Epoch ms. */
  readonly nowTs: number;
}

interface Found {
  readonly name: string;
  readonly key: string;
  readonly unique: boolean;
  readonly expireAfterSeconds: number | undefined;
}

/** What the server refused of it. Rejects where it is away or lets nobody in. */
export async function ensureIndexes<D extends Document>(
  collection: Collection<D>,
  keeping?: Keeping,
): Promise<readonly Lack[]> {
  const found = await indexesOf(collection);
  const lacks = await ensureRange(collection, found);
  return keeping === undefined ? lacks : [...lacks, ...(await ensureExpiry(collection, found, keeping))];
}

async function indexesOf<D extends Document>(collection: Collection<D>): Promise<readonly Found[]> {
  try {
    return (await collection.indexes()).map(({ name, key, unique, expireAfterSeconds }) => ({
      name: name ?? '',
      key: JSON.stringify(key),
      unique: unique === true,
      expireAfterSeconds,
    }));
  } catch (thrown) {
    if (thrown instanceof MongoServerError && thrown.code === NAMESPACE_NOT_FOUND) return [];
    if (isRefusal(thrown)) return [];
    throw thrown;
  }
}

/** Any index on this key serves, whatever its name. */
async function ensureRange<D extends Document>(
  collection: Collection<D>,
  found: readonly Found[],
): Promise<readonly Lack[]> {
  const there = found.find(({ key }) => key === '{"device":1,"ts":1}');
  if (there !== undefined) return there.unique ? ['other_index'] : [];
  return tried('no_index', () => collection.createIndex({ device: 1, ts: 1 }));
}

async function ensureExpiry<D extends Document>(
  collection: Collection<D>,
  found: readonly Found[],
  { keepMs, owner, nowTs }: Keeping,
): Promise<readonly Lack[]> {
  const current = found.find(({ key }) => key === '{"ts":1}');
  const own = keepMs === undefined ? undefined : Math.min(MOST_SECONDS, Math.ceil(keepMs / 1000));
  const agreed = await agreedOn(collection, owner, own, nowTs);
  if (current !== undefined && isShorter(agreed.seconds, current.expireAfterSeconds)) {
    const isOurs = current.name === KEEP_INDEX && agreed.made === (current.expireAfterSeconds ?? null);
    // An index without expiry is somebody's for sorting; the one of before this was noted may be anybody's.
    if (!isOurs && current.expireAfterSeconds !== undefined) return [...agreed.lacks, 'longer_keep'];
  }
  const lacks = await tried('no_expiry', () => setExpiry(collection, current, agreed.seconds));
  if (lacks.length === 0 && agreed.lacks.length === 0 && agreed.made !== (agreed.seconds ?? null))
    await noteExpiry(collection.db, collection.collectionName, agreed.seconds);
  return [...agreed.lacks, ...lacks];
}

interface Agreed {
  readonly seconds: number | undefined;
  /** What was set by a gateway the last time. */
  readonly made: number | null | undefined;
  readonly lacks: readonly Lack[];
}

async function agreedOn<D extends Document>(
  { db, collectionName }: Collection<D>,
  owner: string,
  seconds: number | undefined,
  nowTs: number,
): Promise<Agreed> {
  try {
    const longest = await claimKeep(db, owner, seconds, nowTs);
    return { seconds: longest, made: await expiryMade(db, collectionName), lacks: [] };
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return { seconds, made: undefined, lacks: ['no_claims'] };
  }
}

function isShorter(wanted: number | undefined, current: number | undefined): boolean {
  return (wanted ?? Number.POSITIVE_INFINITY) < (current ?? Number.POSITIVE_INFINITY);
}

async function setExpiry<D extends Document>(
  collection: Collection<D>,
  current: Found | undefined,
  expireAfterSeconds: number | undefined,
): Promise<void> {
  if (expireAfterSeconds === undefined) {
    if (current?.name === KEEP_INDEX) await collection.dropIndex(KEEP_INDEX);
  } else if (current === undefined) {
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

/** What it lacks when the server refuses. */
async function tried(lack: Lack, work: () => Promise<unknown>): Promise<readonly Lack[]> {
  try {
    await work();
    return [];
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return [lack];
  }
}
