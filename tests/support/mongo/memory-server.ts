// A real mongod that mongodb-memory-server-core has downloaded or can download: one alone, and a replica set.
import { MongoClient } from 'mongodb';
import { MongoBinary, MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startMongod, type MongoServer } from './processes.js';

export const NO_REPLICA_SET =
  'A FAIL-OVER OF A REAL REPLICA SET WAS NOT TESTED: no mongod can be downloaded here (tests/support/mongo/memory-server.ts)';

export interface ReplicaSet {
  uri(database: string): string;
  /** The primary gives its place away, as it does for an upgrade; another member takes it within seconds. */
  stepDown(): Promise<void>;
  stop(): Promise<void>;
}

/** Undefined where no mongod was downloaded before and none can be now. */
export async function startMemoryServer(): Promise<MongoServer | undefined> {
  const mongod = await downloadedMongod();
  return mongod === undefined ? undefined : startMongod(mongod);
}

/** Three members, so that a majority stays when one is away. Undefined as above. */
export async function startReplicaSet(): Promise<ReplicaSet | undefined> {
  const mongod = await downloadedMongod();
  if (mongod === undefined) return undefined;
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: mongod },
    replSet: { count: 3, storageEngine: 'wiredTiger', configSettings: { electionTimeoutMillis: 2000 } },
  });
  return {
    uri: (database) => set.getUri(database),
    stepDown: async () => {
      const client = await MongoClient.connect(set.getUri('admin'));
      try {
        await client.db('admin').command({ replSetStepDown: 20, secondaryCatchUpPeriodSecs: 5, force: true });
      } finally {
        await client.close();
      }
    },
    stop: async () => {
      await set.stop();
    },
  };
}

async function downloadedMongod(): Promise<string | undefined> {
  // Where there is no internet, every test file would wait seconds for its second and third attempt.
  process.env['MONGOMS_MAX_RETRIES'] ??= '1';
  try {
    return await MongoBinary.getPath();
  } catch (thrown) {
    console.error(`mongodb-memory-server-core has no mongod: ${String(thrown).split('\n').join(' ')}`);
    return undefined;
  }
}
