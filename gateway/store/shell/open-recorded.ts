// What is recorded, for a reader outside the gateway's process, while one runs or not: MongoDB where that is the store,
// and the data folder.
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type { Outbox, ReadingStore } from '../../../shared/stores.js';
import { HistoryQueries } from '../history/queries.js';
import { loadSqlite } from '../sqlite/load.js';
import { OutboxQueries } from '../outbox/queries.js';
import { sampleOfRow, sampleOfStored, soundOf } from '../rows/sample.js';
import { aheadPath, openStoreFileToRead, storePath } from '../file/store.js';
import { askedOf, asOne } from '../ahead/query.js';
import { readAhead } from '../file/open-ahead.js';

export interface RecordedOptions {
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Where samples are delivered to; without it they stay in the data folder. */
  readonly mongodbUri?: string;
}

/** What the history is made of; `close` it. */
export interface Recorded {
  readonly outbox: Pick<Outbox, 'query'>;
  readonly store: Pick<ReadingStore, 'query' | 'points' | 'known'>;
  close(): Promise<void>;
}

/** Rejects with store_failed (no store there), sqlite_missing or config_invalid. */
export async function openRecorded(options: RecordedOptions): Promise<Recorded> {
  if (options.mongodbUri === undefined) return openLocal(options.dataDir);
  const here = await waitingHere(options.dataDir);
  const { MongoStore } = await import('../mongo/store.js');
  const mongo = new MongoStore({ uri: options.mongodbUri, log: options.log, clock: options.clock });
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
  // A shell has nowhere to count it; the gateway does.
  const onDamaged = (): void => undefined;
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
    outbox: {
      query: (query) =>
        ask(() => {
          // First, as the gateway itself does.
          const ahead = askedOf(readAhead(aheadPath(path), file.storeId), query);
          return soundOf(asOne(ahead, outbox.samples(query), query), sampleOfRow, onDamaged);
        }),
    },
    store: {
      query: (query) => ask(() => soundOf(history.samples(query), sampleOfStored, onDamaged)),
      points: (query) => ask(() => history.points(query)),
      known: (device, samples) => ask(() => history.known(device, samples)),
    },
    close: () => {
      file.database.close();
      return Promise.resolve();
    },
  };
}
