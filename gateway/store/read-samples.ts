// What is recorded, for a reader outside the gateway's process: from MongoDB where that is the store, and from the data folder.
import { mergeSamples } from '../../bridge/merge-samples.js';
import { GatewayError } from '../../shared/errors.js';
import type { HistoryQuery, Log } from '../../shared/ports.js';
import type { RecordedSample } from '../../shared/sample.js';
import { readLocalSamples } from './history-reader.js';
import { MongoStore } from './mongo-store.js';

export interface ReadOptions {
  readonly dataDir: string;
  readonly query: HistoryQuery;
  readonly log: Log;
  /** Where samples are delivered to; without it they stay in the data folder. */
  readonly mongodbUri?: string;
}

/** Oldest first, each once. Rejects with store_failed, or with store_unreachable and store_refused for MongoDB. */
export async function readSamples(options: ReadOptions): Promise<readonly RecordedSample[]> {
  const { dataDir, query, mongodbUri } = options;
  if (mongodbUri === undefined) return readLocalSamples(dataDir, query);
  const waiting = await waitingHere(dataDir, query);
  return mergeSamples(await readMongo(mongodbUri, options), waiting, query.limit);
}

/** MongoDB can be asked from any machine: without a data folder here nothing waits here. */
async function waitingHere(dataDir: string, query: HistoryQuery): Promise<readonly RecordedSample[]> {
  try {
    return await readLocalSamples(dataDir, query);
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'store_failed') return [];
    throw thrown;
  }
}

async function readMongo(uri: string, { query, log }: ReadOptions): Promise<readonly RecordedSample[]> {
  const store = new MongoStore({ uri, log });
  await store.start();
  try {
    return await store.query(query);
  } finally {
    await store.stop();
  }
}
