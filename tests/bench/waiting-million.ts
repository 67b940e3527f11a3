// A million samples wait while MongoDB is away: they wait on disk, not in memory. The real store and the real delivery,
// which tries an address where nobody is, in one process; its RSS and how soon the store answers, as the outbox fills.
// Run: npm run build && node dist/tests/bench/waiting-million.js
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Delivery } from '../../bridge/recording/delivery.js';
import { chooseReadingStore, mongoPlace } from '../../gateway/store/choose-reading.js';
import { StoreWorker } from '../../gateway/store/durable/worker.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
import type { IncomingSample } from '../../shared/sample.js';
import { RecordingLog } from '../support/recording-log.js';

const SAMPLES = 1_000_000;
const STEPS = 10;
const PER_APPEND = 1000;
const MB = 1024 * 1024;

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const clock = new SystemClock();
const log = new RecordingLog();
const worker = new StoreWorker({
  ...{ dataDir: folder, clock, log },
  onFailure: (error) => {
    throw error;
  },
});
await worker.start();
const mongo = await mongoPlace('mongodb://127.0.0.1:9/bench?serverSelectionTimeoutMS=500');
const readings = chooseReadingStore({
  ...{ mongo, keepMs: 1e9, owner: 'bench', local: worker.history, clock, log },
});
for (const component of readings.components) await component.start();
const delivery = new Delivery({ ...readings, outbox: worker.outbox, clock, log });
await delivery.start();

const startedMs = performance.now();
let seq = 0;
for (let step = 1; step <= STEPS; step += 1) {
  while (seq < (SAMPLES * step) / STEPS) {
    await worker.outbox.append(batch());
    delivery.wake();
  }
  await tell();
}
for (let pause = 0; pause < 3; pause += 1) {
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await tell();
}
await delivery.stop();
for (const component of readings.components) await component.stop();
await worker.stop();
await rm(folder, { recursive: true });

function batch(): IncomingSample[] {
  return Array.from({ length: PER_APPEND }, () => {
    seq += 1;
    const values = { temperature: 21.5 + (seq % 100) / 100, level: 400 + (seq % 9), valve: true, pump: 80 };
    const identity = { boot: 'mwsein4t-zjetj3', seq };
    return { ts: 1.7e12 + seq, gateway: 'greenhouse', device: `tank-${String(seq % 10)}`, identity, values };
  });
}

async function tell(): Promise<void> {
  const askedMs = performance.now();
  const { depth } = await worker.outbox.stats();
  const answeredMs = performance.now() - askedMs;
  await worker.outbox.query({ device: 'tank-1', fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 100 });
  const queriedMs = performance.now() - askedMs - answeredMs;
  console.log(
    `${String(depth)} wait after ${((askedMs - startedMs) / 1000).toFixed(1)} s: RSS ${(process.memoryUsage.rss() / MB).toFixed(0)} MB, stats in ${answeredMs.toFixed(0)} ms, the newest 100 of a device in ${queriedMs.toFixed(0)} ms; delivery ${delivery.state.state}`,
  );
}
