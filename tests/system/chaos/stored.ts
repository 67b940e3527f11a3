// What is in the store in the end, asked of the store itself and not of the gateway.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { identityOf, type RecordedSample, type Value } from '../../../shared/sample.js';
import { openStore } from '../../gateway/store/open-store.js';

export interface StoredSample {
  readonly identity: string;
  readonly device: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface Store {
  /** Waits until all of these are there, or none has come for a minute; while the gateway runs. */
  settle(identities: readonly string[]): Promise<void>;
  /** All of them, after the gateway has stopped. */
  samples(dataDir: string): Promise<readonly StoredSample[]>;
}

const NONE_CAME_MS = 60_000;

interface Document {
  readonly _id: string;
  readonly device: string;
  readonly values: StoredSample['values'];
}

export function mongoStored(t: TestContext, uri: string): Store {
  const client = new MongoClient(uri);
  const collection = client.db().collection<Document>('samples');
  // The server is this test's own and goes with it.
  t.after(() => client.close());
  return {
    settle: async (identities) => {
      let [most, grownAt] = [0, performance.now()];
      for (;;) {
        const askedAt = performance.now();
        const found = await collection.find().project<Pick<Document, '_id'>>({ _id: 1 }).toArray();
        const there = new Set(found.map(({ _id }) => _id));
        const answeredAt = performance.now();
        if (identities.every((identity) => there.has(identity))) return;
        if (there.size > most) [most, grownAt] = [there.size, answeredAt];
        if (answeredAt - grownAt > NONE_CAME_MS) return;
        // FerretDB reads all that it has for any question, also for the gateway's: who asks without a pause holds it up.
        await sleep(500 + 2 * (answeredAt - askedAt));
      }
    },
    samples: async () => {
      const documents = await collection.find().toArray();
      return documents.map(({ _id, device, values }) => ({ identity: _id, device, values }));
    },
  };
}

/** Outbox and history, each for itself: what is in both for a moment is one sample, what is twice in one is two. */
export function localStored(t: TestContext, devices: readonly string[]): Store {
  return {
    settle: () => Promise.resolve(),
    samples: async (dataDir) => {
      const { store } = await openStore(t, { dataDir });
      const found: RecordedSample[] = [];
      for (const device of devices) {
        const query = { device, fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 1_000_000 };
        const stored = await store.history.query(query);
        const there = new Set(stored.map(identityOf));
        const waiting = await store.outbox.query(query);
        // A redelivered sample waits again although its first copy was moved on long ago.
        found.push(...stored, ...once(waiting).filter((sample) => !there.has(identityOf(sample))));
      }
      return found.map((sample) => ({ identity: identityOf(sample), ...sample }));
    },
  };
}

function once(waiting: readonly RecordedSample[]): RecordedSample[] {
  return [...new Map(waiting.map((sample) => [identityOf(sample), sample])).values()];
}
