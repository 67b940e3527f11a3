// The real delivery from a full outbox to MongoDB, against the least there is: a bare loop of insertMany with the same
// documents, made beforehand, in batches of the same size with the same write concern and indexes. Rounds in turn, in
// one process; the ratio is of the medians. Run: npm run build && node dist/tests/bench/delivery.js
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { Delivery } from '../../bridge/recording/delivery.js';
import { chooseReadingStore, mongoPlace } from '../../gateway/store/choose-reading.js';
import { documentOf, type SampleDocument } from '../../gateway/store/mongo/document.js';
import { ensureIndexes } from '../../gateway/store/mongo/indexes.js';
import { StoreWorker } from '../../gateway/store/durable/worker.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import type { RecordedSample } from '../../shared/sample.js';
import { findMongoServer } from '../support/mongo/server.js';
import { RecordingLog } from '../support/recording-log.js';

const ROUNDS = 5;
const SAMPLES = 6000;
const KEEP_MS = 30 * 86_400_000;
const DATABASE = `i2c_bench_${String(process.pid)}`;

const server = await findMongoServer();
if (server !== undefined) {
  const uri = server.uri(DATABASE);
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const client = await new MongoClient(uri, {
    writeConcern: { w: 'majority', journal: true },
    retryWrites: false,
  }).connect();
  try {
    await compare(uri, folder, client);
  } finally {
    await client.db(DATABASE).dropDatabase();
    await client.close();
    await rm(folder, { recursive: true });
    await server.stop();
  }
}

async function compare(uri: string, folder: string, client: MongoClient): Promise<void> {
  const log = new RecordingLog();
  const clock = new SystemClock();
  const onFailure = (error: Error): never => {
    throw error;
  };
  const worker = new StoreWorker({ dataDir: folder, clock, log, onFailure });
  await worker.start();
  const readings = chooseReadingStore({
    ...{ mongo: await mongoPlace(uri), keepMs: KEEP_MS, owner: 'bench', local: worker.history, clock, log },
  });
  for (const component of readings.components) await component.start();
  const bare = client.db(DATABASE).collection<SampleDocument>('bare');
  await ensureIndexes(bare, { keepMs: KEEP_MS, owner: 'bench', nowTs: clock.now() });
  const rates: Record<'bare' | 'delivery', number[]> = { bare: [], delivery: [] };
  // One more for warming up: the first round connects and makes the indexes.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const samples = samplesOf(round);
    const inTurn = {
      bare: () => insert(samples),
      delivery: () => deliver(samples),
    };
    for (const way of ['bare', 'delivery'] as const) {
      const ms = await inTurn[way]();
      if (round > 0) rates[way].push((SAMPLES * 1000) / ms);
    }
  }
  for (const component of readings.components) await component.stop();
  await worker.stop();
  print(rates, readings.batchSamples ?? 500);

  /** Milliseconds. */
  async function insert(samples: readonly RecordedSample[]): Promise<number> {
    const documents = samples.map(documentOf);
    const step = readings.batchSamples ?? 500;
    const startedMs = performance.now();
    for (let from = 0; from < documents.length; from += step)
      await bare.insertMany(documents.slice(from, from + step), { ordered: false });
    return performance.now() - startedMs;
  }

  /** Milliseconds from its start until the last sample has left the outbox. */
  async function deliver(samples: readonly RecordedSample[]): Promise<number> {
    for (let from = 0; from < samples.length; from += 1000)
      await worker.outbox.append(
        samples
          .slice(from, from + 1000)
          .map(({ boot, seq, ...sample }) => ({ ...sample, identity: { boot, seq } })),
      );
    let left = samples.length;
    let end: () => void = () => undefined;
    const empty = new Promise<void>((resolve) => (end = resolve));
    const outbox = {
      peek: worker.outbox.peek.bind(worker.outbox),
      settle: async (...args: Parameters<typeof worker.outbox.settle>): Promise<void> => {
        await worker.outbox.settle(...args);
        left -= args[0].length;
        if (left === 0) end();
      },
    };
    const delivery = new Delivery({ ...readings, outbox, clock, log });
    const startedMs = performance.now();
    await delivery.start();
    await empty;
    const ms = performance.now() - startedMs;
    await delivery.stop();
    return ms;
  }
}

function print(rates: Readonly<Record<'bare' | 'delivery', readonly number[]>>, size: number): void {
  const plain = median(rates.bare);
  const ours = median(rates.delivery);
  console.log(`a bare insertMany loop, ${String(size)} a batch: ${plain.toFixed(0)} documents/s`);
  console.log(
    `delivery out of the outbox: ${ours.toFixed(0)} samples/s, ${(ours / plain).toFixed(2)} of the bare loop`,
  );
}

function samplesOf(round: number): RecordedSample[] {
  return Array.from({ length: SAMPLES }, (_, seq) => {
    const values = { temperature: 21.5 + (seq % 100) / 100, level: 400 + (seq % 9), valve: true, pump: 80 };
    const boot = `mwsein4t-round${String(round)}`;
    return { ts: 1.7e12 + seq * 1000, gateway: 'greenhouse', device: 'tank-1', boot, seq, values };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
