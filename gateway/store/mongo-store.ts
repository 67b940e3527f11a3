// MongoDB as a ReadingStore: one document a sample, whose _id is the sample's identity, through the official driver.
import { MongoClient, type Collection, type Document } from 'mongodb';
import { GatewayError } from '../../shared/errors.js';
import type {
  Component,
  DeliveryReport,
  HistoryQuery,
  Log,
  ReadingStore,
  StoreCondition,
} from '../../shared/ports.js';
import type { Point, PointsQuery } from '../../shared/points.js';
import type { RecordedSample } from '../../shared/sample.js';
import { documentOf, type SampleDocument } from './mongo-document.js';
import { conditionOfMongo } from './mongo-conditions.js';
import { classifyMongoError, tooLong } from './mongo-errors.js';
import { ensureIndexes } from './mongo-indexes.js';
import { insertDocuments } from './mongo-insert.js';
import { pointOfDocument, pointsPipeline } from './mongo-points.js';
import { ANSWER_WITHIN_MS, findSamples } from './mongo-samples.js';
import type { LogbookDocument } from './mongo-logbook.js';

export interface MongoStoreOptions {
  /** MONGODB_URI. Never logged: it holds the password. */
  readonly uri: string;
  /** Used where the URI names no database. */
  readonly database?: string;
  /** Samples older than this are deleted by the server; undefined keeps all. */
  readonly keepMs?: number;
  readonly log: Log;
  readonly timeouts?: Partial<MongoTimeouts>;
}

/** Each bounds another way of hanging; the driver's own `timeoutMS` bounds none of them (7.9, DESIGN §7). */
export interface MongoTimeouts {
  /** Until a server that can take the batch is found. */
  readonly selectMs: number;
  readonly connectMs: number;
  /** Without a byte on a connection: a server that took the request and never answers. */
  readonly silenceMs: number;
}

const DEFAULT_TIMEOUTS: MongoTimeouts = { selectMs: 5000, connectMs: 5000, silenceMs: 20_000 };

const COLLECTION = 'samples';

export class MongoStore implements ReadingStore, Component {
  readonly name = 'mongodb';
  readonly kind = 'mongodb';
  readonly #options: MongoStoreOptions;
  #client: MongoClient | undefined;
  #connected = false;
  /** By collection: once for each client. */
  readonly #prepared = new Map<string, Promise<void>>();

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

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#connected = false;
    this.#prepared.clear();
    await client?.close(true);
  }

  async deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport> {
    if (samples.length === 0) return { poisoned: [] };
    try {
      const collection = await this.#ready();
      const { poisoned, undecided } = await insertDocuments(collection, samples.map(documentOf));
      return { poisoned, ...(undecided.length === 0 ? {} : { undecided }) };
    } catch (thrown) {
      throw classifyMongoError(thrown);
    }
  }

  conditionOf(error: GatewayError): StoreCondition {
    return conditionOfMongo(error);
  }

  async query(query: HistoryQuery): Promise<readonly RecordedSample[]> {
    return this.#asked(async () => findSamples(await this.#ready(), query));
  }

  async points(query: PointsQuery): Promise<readonly Point[]> {
    const options = { maxTimeMS: ANSWER_WITHIN_MS, allowDiskUse: false };
    return this.#asked(async () => {
      const collection = await this.#ready();
      return (await collection.aggregate(pointsPipeline(query), options).toArray()).map(pointOfDocument);
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

  async #ready<D extends Document = SampleDocument>(name = COLLECTION): Promise<Collection<D>> {
    const client = this.#client;
    if (client === undefined) throw new GatewayError('closed', 'The MongoDB store is not running.');
    // A client whose first connect failed never recovers by itself (DESIGN §7): connect until it did once.
    if (!this.#connected) await client.connect();
    this.#connected = true;
    const collection = client.db(this.#databaseName()).collection<D>(name);
    const prepared = this.#prepared.get(name) ?? ensureIndexes(collection, this.#options.keepMs);
    this.#prepared.set(name, prepared);
    try {
      await prepared;
    } catch (thrown) {
      this.#prepared.delete(name);
      throw thrown;
    }
    return collection;
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
