// A day of one field as 500 points out of ten million rows: 30 days of four devices, a sample a second, as the example
// keeps them. The rows are written in bulk straight into the history's own tables, as its format is. Meanwhile appends
// go on, to see that no commit waits for the question; and the same question to MongoDB, through the gateway's store and
// as the same pipeline sent by hand. Run: npm run build && node dist/tests/bench/history.js [rows]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { loadSqlite } from '../../gateway/store/sqlite/load.js';
import { pointsPipeline } from '../../gateway/store/mongo/points.js';
import { MongoStore } from '../../gateway/store/mongo/store.js';
import { openStoreFile, storePath } from '../../gateway/store/file/store.js';
import { StoreWorker } from '../../gateway/store/durable/worker.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import type { PointsQuery } from '../../shared/points.js';
import type { ReadingStore } from '../../shared/stores.js';
import { findMongoServer } from '../support/mongo/server.js';
import { RecordingLog } from '../support/recording-log.js';

const DEVICES = 4;
const rows = Number(process.argv[2] ?? 10_000_000);
const each = Math.ceil(rows / DEVICES);
const ROUNDS = 9;
const DAY_MS = 86_400_000;
const START = 1_767_000_000_000;
const middle = START + Math.max(0, Math.floor((each * 1000 - DAY_MS) / 2));
const query: PointsQuery = {
  ...{ device: 'tank-1', field: 'level' },
  ...{ fromTs: middle, toTs: middle + DAY_MS, bucketMs: Math.ceil(DAY_MS / 500) },
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** One statement a device: SQLite makes the rows itself, in the order of the key. */
async function fill(folder: string): Promise<void> {
  const { database } = openStoreFile(await loadSqlite(), storePath(folder));
  database.exec('PRAGMA synchronous = OFF');
  database.exec('BEGIN');
  for (let device = 1; device <= DEVICES; device += 1) {
    const last = START + (each - 1) * 1000;
    database.prepare('INSERT INTO devices (id, name) VALUES (?, ?)').run(device, `tank-${String(device)}`);
    database
      .prepare('INSERT INTO origins (id, device, boot, gateway) VALUES (?, ?, ?, ?)')
      .run(device, device, 'boot-a', 'greenhouse');
    database
      .prepare('INSERT INTO series (id, origin, gateway, fields, last_ts) VALUES (?, ?, ?, ?, ?)')
      .run(device, device, 'greenhouse', '["temperature","level","valve"]', last);
    database.prepare('INSERT INTO stored (origin, first, last) VALUES (?, 0, ?)').run(device, each - 1);
    database
      .prepare(
        `WITH RECURSIVE n (seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)
         INSERT INTO history (device, ts, series, seq, readings, errors)
         SELECT ?, ? + seq * 1000, ?, seq, '[21.' || (seq % 100) || ',' || (400 + seq % 90) || ',1]', NULL FROM n`,
      )
      .run(each - 1, device, START, device);
  }
  database.exec('COMMIT');
  database.close();
}

async function local(folder: string): Promise<void> {
  const store = new StoreWorker({
    dataDir: folder,
    clock: new SystemClock(),
    log: new RecordingLog(),
    onFailure: (error) => {
      throw error;
    },
  });
  await store.start();
  const points = await store.history.points(query);
  const asked: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) asked.push(await timed(() => store.history.points(query)));
  console.log(
    `24 h of one field as ${String(points.length)} points out of ${String(each * DEVICES)} rows: ` +
      `median ${median(asked).toFixed(0)} ms, longest ${Math.max(...asked).toFixed(0)} ms`,
  );
  const quiet = await appends(store, 100);
  const enough = new AbortController();
  const questions = (async (): Promise<void> => {
    while (!enough.signal.aborted) await store.history.points(query);
  })();
  const busy = await appends(store, 100);
  enough.abort();
  await questions;
  console.log(
    `a commit takes ${quiet} ms; while such questions run without end ${busy} ms (median, longest)`,
  );
  await store.stop();
}

let seq = 0;
async function appends(store: StoreWorker, count: number): Promise<string> {
  const took: number[] = [];
  for (let done = 0; done < count; done += 1) {
    seq += 1;
    const identity = { boot: 'boot-b', seq };
    const sample = {
      ts: Date.now(),
      gateway: 'greenhouse',
      device: 'tank-1',
      identity,
      values: { level: seq },
    };
    took.push(await timed(() => store.outbox.append([sample])));
  }
  return `${median(took).toFixed(1)}, ${Math.max(...took).toFixed(1)}`;
}

/** So that also the slow stand-in for MongoDB is done within a minute. */
const MONGO_EVERY_MS = 5000;
/** The stand-in takes 150 to 250 ms for the same question: fewer pairs would measure its garbage collection. */
const MONGO_ROUNDS = 60;

/** A day of one device and a little around it: what the server looks at is the day, whatever else it has. */
async function fillMongo(store: ReadingStore): Promise<number> {
  const first = Math.max(0, middle - 3_600_000);
  const count = (DAY_MS + 7_200_000) / MONGO_EVERY_MS;
  for (let from = 0; from < count; from += 2000) {
    await store.deliver(
      Array.from({ length: Math.min(2000, count - from) }, (_, index) => ({
        ...{
          ts: first + (from + index) * MONGO_EVERY_MS,
          boot: 'b',
          seq: from + index,
          gateway: 'g',
          device: 'tank-1',
        },
        values: { temperature: 21.5, level: 400 + ((from + index) % 90), valve: true },
      })),
    );
  }
  return count;
}

async function mongodb(): Promise<void> {
  const server = await findMongoServer();
  if (server === undefined) {
    console.log('NO MONGODB: its figure was not measured');
    return;
  }
  const uri = server.uri(`i2c_bench_${String(process.pid)}`);
  const store = new MongoStore({ uri, log: new RecordingLog(), clock: new SystemClock() });
  await store.start();
  const client = await MongoClient.connect(uri);
  const samples = client.db().collection('samples');
  const count = await fillMongo(store);
  const ours: number[] = [];
  const byHand: number[] = [];
  const askOurs = async (): Promise<unknown> => ours.push(await timed(() => store.points(query)));
  const askByHand = async (): Promise<unknown> =>
    byHand.push(await timed(() => samples.aggregate(pointsPipeline(query)).toArray()));
  // In turns, and each as often first: what one leaves behind in the server is the other's. The first two warm up.
  for (let round = 0; round < MONGO_ROUNDS + 2; round += 1) {
    for (const ask of round % 2 === 0 ? [askOurs, askByHand] : [askByHand, askOurs]) await ask();
    if (round === 1) for (const times of [ours, byHand]) times.length = 0;
  }
  const ratios = ours.map((tookMs, round) => tookMs / (byHand[round] ?? Number.NaN));
  console.log(
    `MongoDB, ${String(count)} samples: ${median(ours).toFixed(0)} ms through the gateway's ` +
      `store, ${median(byHand).toFixed(0)} ms by hand: ${median(ratios).toFixed(2)} (median of ${String(ratios.length)} pairs)`,
  );
  await client.db().dropDatabase();
  await client.close();
  await store.stop();
  await server.stop();
}

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  console.log(`${String(each * DEVICES)} rows written in ${(await timed(() => fill(folder))).toFixed(0)} ms`);
  await local(folder);
} finally {
  await rm(folder, { recursive: true });
}
await mongodb();
