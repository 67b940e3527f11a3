// What is recorded, for a reader outside the gateway's process, while one runs or not: MongoDB where that is the store,
// and the data folder.
import { GatewayError } from '../../shared/errors.js';
import type { Log, Outbox, ReadingStore } from '../../shared/ports.js';
import { HistoryQueries } from './history-queries.js';
import { loadSqlite } from './load-sqlite.js';
import { MongoStore } from './mongo-store.js';
import { OutboxQueries } from './outbox-queries.js';
import { chosen, sampleOfRow, sampleOfStored } from './sample-row.js';
import { openStoreFileToRead, storePath } from './store-file.js';

export interface RecordedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** Where samples are delivered to; without it they stay in the data folder. */
  readonly mongodbUri?: string;
}

/** What the history is made of; `close` it. */
export interface Recorded {
  readonly outbox: Pick<Outbox, 'query'>;
  readonly store: Pick<ReadingStore, 'query' | 'points'>;
  close(): Promise<void>;
}

/** Rejects with store_failed (no store there), sqlite_missing or config_invalid. */
export async function openRecorded(options: RecordedOptions): Promise<Recorded> {
  if (options.mongodbUri === undefined) return openLocal(options.dataDir);
  const here = await waitingHere(options.dataDir);
  const mongo = new MongoStore({ uri: options.mongodbUri, log: options.log });
  await mongo.start();
  return {
    outbox: here?.outbox ?? { query: () => Promise.resolve([]) },
    store: mongo,
    close: async () => {
      await here?.close();
      await mongo.stop();
    },
  };
}

/** MongoDB can be asked from any machine: without a data folder here nothing waits here. */
async function waitingHere(dataDir: string): Promise<Recorded | undefined> {
  try {
    return await openLocal(dataDir);
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'store_failed') return undefined;
    throw thrown;
  }
}

/** WAL lets it read beside the writer. Rejects with store_failed (no store there) or sqlite_missing. */
export async function openLocal(dataDir: string): Promise<Recorded> {
  const path = storePath(dataDir);
  const file = openStoreFileToRead(await loadSqlite(), path);
  const history = new HistoryQueries(file.database);
  const outbox = new OutboxQueries(file);
  const ask = async <T>(question: () => T): Promise<T> => {
    try {
      return await Promise.resolve(question());
    } catch (cause) {
      throw cause instanceof GatewayError
        ? cause
        : new GatewayError('store_failed', `${path} cannot be read.`, { cause });
    }
  };
  return {
    outbox: { query: (query) => ask(() => chosen(outbox.samples(query).map(sampleOfRow), query.fields)) },
    store: {
      query: (query) => ask(() => chosen(history.samples(query).map(sampleOfStored), query.fields)),
      points: (query) => ask(() => history.points(query)),
    },
    close: () => {
      file.database.close();
      return Promise.resolve();
    },
  };
}
