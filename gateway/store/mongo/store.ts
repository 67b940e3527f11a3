// MongoDB as a ReadingStore: one document a sample, whose _id is the sample's identity, through the official driver.
import { MongoClient, type Collection, type Document } from 'mongodb';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Component, Log } from '../../../shared/ports.js';
import type { DeliveryReport, HistoryQuery, ReadingStore, StoreCondition } from '../../../shared/stores.js';
import { within } from '../../../shared/within.js';
import type { Point, PointsQuery } from '../../../shared/points.js';
import { identityOf, keyOf, type RecordedSample } from '../../../shared/sample.js';
import { documentOf, type SampleDocument } from './document.js';
import { conditionOfMongo } from './conditions.js';
import { classifyMongoError, tooLong } from './errors.js';
import { expire, EXPIRY_PACE, type ExpiryPace } from './expiry.js';
import { ensureIndexes } from './indexes.js';
import { conditionOfLack, isRefusal, type Lack } from './lacks.js';
import { pointsByReading } from './points-by-reading.js';
import { insertDocuments } from './insert.js';
import { pointOfDocument, pointsPipeline } from './points.js';
import { ANSWER_WITHIN_MS, findKnown, findSamples } from './samples.js';
import { LOGBOOK_COLLECTIONS, type LogbookDocument } from './logbook.js';
import type { Range } from '../retention/what-may-go.js';

export interface MongoStoreOptions {
  /** MONGODB_URI. Never logged: it holds the password. */
  readonly uri: string;
  /** Used where the URI names no database. */
  readonly database?: string;
  /** Without it nothing is said of how long to keep, and nothing deleted: for whoever only asks. */
  readonly retention?: MongoRetention;
  readonly log: Log;
  readonly clock: Clock;
  readonly timeouts?: Partial<MongoTimeouts>;
}

export interface MongoRetention {
  /** Samples older than this are deleted by the server; undefined keeps all. */
  readonly keepMs?: number;
  /** Who wants them kept so long: the gateway's id, or the name of a recorder that runs alone. */
  readonly owner: string;
  readonly pace?: ExpiryPace;
}

/** Each bounds another way of hanging; the driver's own `timeoutMS` bounds none of them (7.9). */
export interface MongoTimeouts {
  /** Until a server that can take the batch is found. */
  readonly selectMs: number;
  readonly connectMs: number;
  /** Without a byte on a connection: a server that took the request and never answers. */
  readonly silenceMs: number;
}

const DEFAULT_TIMEOUTS: MongoTimeouts = { selectMs: 5000, connectMs: 5000, silenceMs: 20_000 };

const GOODBYE_MS = 500;
const COLLECTION = 'samples';
/** Where what no collection but the server itself lacks is noted. */
const SERVER = 'the server';

export class MongoStore implements ReadingStore, Component {
  readonly name = 'mongodb';
  readonly kind = 'mongodb';
  readonly #options: MongoStoreOptions;
  #client: MongoClient | undefined;
  #connected = false;
  /** By collection: once for each client. */
  readonly #prepared = new Map<string, Promise<void>>();
  /** What each collection lacks, and the server. */
  readonly #lacks = new Map<string, readonly Lack[]>();

  constructor(options: MongoStoreOptions) {
    this.#options = options;
  }

  /** Reaches for nothing yet: a server that is down must not keep the gateway from starting. Rejects with config_invalid. */
  async start(): Promise<void> {
    const { uri, log } = this.#options;
    try {
      this.#client = new MongoClient(uri, this.#clientOptions());
    } catch (thrown) {
      throw new GatewayError('config_invalid', `MONGODB_URI is not a MongoDB address: ${String(thrown)}`, {
        cause: thrown,
      });
    }
    log.info({ database: this.#databaseName() }, 'samples go to MongoDB');
    return Promise.resolve();
  }

  /** What the server can't do, and what is done about it: for the health topic. */
  lacks(): readonly StoreCondition[] {
    return [...new Set([...this.#lacks.values()].flat())].map(conditionOfLack);
  }

  async stop(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock, log } = this.#options;
    const client = this.#client;
    this.#client = undefined;
    this.#connected = false;
    this.#prepared.clear();
    if (client === undefined) return;
    // Its goodbye (`endSessions`) waits for a server that hangs, whatever `force` says (mongodb 7.4).
    const outcome = await within(client.close(), Math.min(GOODBYE_MS, withinMs / 2), clock);
    if (outcome === 'given_up') log.debug({}, 'the store server did not answer the goodbye');
  }

  async deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    if (samples.length === 0) return { poisoned: [] };
    try {
      const { clock } = this.#options;
      const collection = await this.#ready();
      const { poisoned, undecided } = await insertDocuments({ collection, clock }, samples.map(documentOf));
      return { poisoned, ...(undecided.length === 0 ? {} : { undecided }) };
    } catch (thrown) {
      throw classifyMongoError(thrown);
    }
  }

  conditionOf(error: GatewayError): StoreCondition {
    return conditionOfMongo(error);
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    return this.#asked(async () => findSamples(await this.#collection(), query));
  }

  async known(
    device: string,
    samples: readonly Pick<RecordedSample, 'boot' | 'seq' | 'gateway'>[],
  ): Promise<ReadonlySet<number>> {
    const whole = samples.map((sample) => ({ ...sample, device }));
    const identities = new Set(whole.flatMap((sample) => [identityOf(sample), keyOf(sample)]));
    return this.#asked(async () => {
      const there = new Set(await findKnown(await this.#collection(), [...identities]));
      return new Set(whole.flatMap((sample, index) => (there.has(keyOf(sample)) ? [index] : [])));
    });
  }

  async points(query: PointsQuery): Promise<readonly Point[]> {
    return this.#asked(async () => {
      const collection = await this.#collection();
      if (this.#lacks.has(SERVER)) return pointsByReading(collection, query);
      try {
        const options = { maxTimeMS: ANSWER_WITHIN_MS, allowDiskUse: false };
        return (await collection.aggregate(pointsPipeline(query), options).toArray()).map(pointOfDocument);
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        const points = await pointsByReading(collection, query);
        // It could be read, so it was not the range: the server does not know what it was asked.
        this.#noteLacks(SERVER, ['no_points']);
        return points;
      }
    });
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      throw tooLong(thrown) ?? classifyMongoError(thrown);
    }
  }

  /** A collection of the logbook, with its indexes. Rejects with what MongoDB or its driver says. */
  async logbook(name: string): Promise<Collection<LogbookDocument>> {
    return this.#ready<LogbookDocument>(name);
  }

  /**
   * Says anew how long to keep, and deletes what may go where the server doesn't: of each collection that something was
   * delivered to. How many documents went. Rejects as `deliver` does.
   */
  async retain(mayGo: readonly Range[]): Promise<number> {
    const { retention } = this.#options;
    if (retention === undefined) return 0;
    try {
      let removed = 0;
      for (const name of [COLLECTION, ...LOGBOOK_COLLECTIONS]) {
        if (!this.#prepared.has(name)) continue;
        this.#prepared.delete(name);
        const collection = await this.#ready(name);
        if (this.#lacks.get(name)?.includes('no_expiry') === true)
          removed += await this.#expire(collection, retention.pace, mayGo);
      }
      return removed;
    } catch (thrown) {
      throw classifyMongoError(thrown);
    }
  }

  #expire(
    collection: Collection<SampleDocument>,
    pace: ExpiryPace = EXPIRY_PACE,
    mayGo: readonly Range[],
  ): Promise<number> {
    const pause = (): Promise<void> =>
      new Promise((resolve) => {
        this.#options.clock.after(pace.pauseMs, resolve);
      });
    return expire(collection, mayGo, pace, pause);
  }

  /** Whoever only asks touches no index and nothing else. */
  async #collection<D extends Document = SampleDocument>(name = COLLECTION): Promise<Collection<D>> {
    const client = this.#client;
    if (client === undefined) throw new GatewayError('closed', 'The MongoDB store is not running.');
    // A client whose first connect failed never recovers by itself (docs/architecture.md#mongodb): connect
    // until it did once.
    if (!this.#connected) await client.connect();
    this.#connected = true;
    return client.db(this.#databaseName()).collection<D>(name);
  }

  async #ready<D extends Document = SampleDocument>(name = COLLECTION): Promise<Collection<D>> {
    const collection = await this.#collection<D>(name);
    const prepared = this.#prepared.get(name) ?? this.#prepare(collection);
    this.#prepared.set(name, prepared);
    try {
      await prepared;
    } catch (thrown) {
      this.#prepared.delete(name);
      throw thrown;
    }
    return collection;
  }

  async #prepare<D extends Document>(collection: Collection<D>): Promise<void> {
    const { retention, clock } = this.#options;
    const keeping = retention && { keepMs: retention.keepMs, owner: retention.owner, nowTs: clock.now() };
    const lacks = await ensureIndexes(collection, keeping);
    this.#noteLacks(collection.collectionName, lacks);
  }

  /** Each is said once, as long as it is so. */
  #noteLacks(where: string, lacks: readonly Lack[]): void {
    const before = this.#lacks.get(where) ?? [];
    if (lacks.length === 0) this.#lacks.delete(where);
    else this.#lacks.set(where, lacks);
    for (const lack of lacks.filter((name) => !before.includes(name)))
      this.#options.log.warn({ lack, of: where }, `MongoDB: ${conditionOfLack(lack).sentence}`);
  }

  #clientOptions(): ConstructorParameters<typeof MongoClient>[1] {
    const { selectMs, connectMs, silenceMs } = { ...DEFAULT_TIMEOUTS, ...this.#options.timeouts };
    return {
      appName: 'i2c-mqtt-gateway',
      serverSelectionTimeoutMS: selectMs,
      waitQueueTimeoutMS: selectMs,
      connectTimeoutMS: connectMs,
      socketTimeoutMS: silenceMs,
      // Delivered means that it outlives the server's crash and a change of the primary.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: silenceMs },
      // The outbox sends again, for as long as it takes; the driver's own second try would only double the timeouts.
      retryWrites: false,
      retryReads: false,
      maxPoolSize: 4,
    };
  }

  #databaseName(): string {
    const { uri, database = 'i2c' } = this.#options;
    const named = /^[^/]+\/\/[^/]*\/([^?]+)/.exec(uri)?.[1];
    return named === undefined ? database : decodeURIComponent(named);
  }
}
