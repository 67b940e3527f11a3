// Gateways that share a database share its retention: each says how long it wants to keep, and the longest counts. One
// document each in the collection `retention`; one whose writer has not come for as long as it wanted to keep is void,
// because none of its samples is left.
import type { Db } from 'mongodb';

interface Claim {
  readonly _id: string;
  /** null: for ever. */
  readonly keepSeconds: number | null;
  readonly seen: Date;
}

/** What a gateway has made of the index of a collection: whatever else it says was set by somebody else. */
interface Made {
  readonly _id: string;
  readonly expireAfterSeconds: number | null;
}

const COLLECTION = 'retention';
const DAY_MS = 86_400_000;

/** How long all of them together want to keep; undefined: for ever. Rejects with what MongoDB says. */
export async function claimKeep(
  db: Db,
  owner: string,
  keepSeconds: number | undefined,
  nowTs: number,
): Promise<number | undefined> {
  const claims = db.collection<Claim>(COLLECTION);
  const own = { keepSeconds: keepSeconds ?? null, seen: new Date(nowTs) };
  await claims.updateOne({ _id: owner }, { $set: own }, { upsert: true });
  const alive = (await claims.find().limit(MOST_CLAIMS).toArray()).filter(
    (claim) => claim.seen instanceof Date && (claim._id === owner || isAlive(claim, nowTs)),
  );
  if (alive.some((claim) => claim.keepSeconds === null)) return undefined;
  return Math.max(...alive.map((claim) => claim.keepSeconds ?? 0));
}

const MOST_CLAIMS = 10_000;

function isAlive({ keepSeconds, seen }: Claim, nowTs: number): boolean {
  return keepSeconds === null || nowTs - seen.getTime() < Math.max(DAY_MS, keepSeconds * 1000);
}

/** What a gateway set last; undefined where none has set anything. */
export async function expiryMade(db: Db, collection: string): Promise<number | null | undefined> {
  const made = await db.collection<Made>(COLLECTION).findOne({ _id: indexId(collection) });
  return made?.expireAfterSeconds;
}

export async function noteExpiry(db: Db, collection: string, seconds: number | undefined): Promise<void> {
  const made = { expireAfterSeconds: seconds ?? null };
  await db
    .collection<Made>(COLLECTION)
    .updateOne({ _id: indexId(collection) }, { $set: made }, { upsert: true });
}

/** No gateway has such a name. */
function indexId(collection: string): string {
  return `index of ${collection}`;
}
