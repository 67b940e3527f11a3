// The outbox against the least there is: a plain file of lines, fsynced after every hundred. The same samples, rounds
// in turn, in one process; the ratio is of the medians. Run: npm run build && node dist/tests/bench/outbox.js
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreWorker } from '../../gateway/store/store-worker.js';
import { SystemClock } from '../../gateway/system-clock.js';
import type { IncomingSample } from '../../shared/sample.js';
import { RecordingLog } from '../support/recording-log.js';

const ROUNDS = 9;
const COMMITS = 40;
const PER_COMMIT = 100;

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const store = new StoreWorker({
  dataDir: folder,
  clock: new SystemClock(),
  log: new RecordingLog(),
  onFailure: (error) => {
    throw error;
  },
});
await store.start();
const log = await open(join(folder, 'plain.log'), 'a');

let seq = 0;
function batch(): IncomingSample[] {
  return Array.from({ length: PER_COMMIT }, () => {
    seq += 1;
    const values = { temperature: 21.5 + (seq % 100) / 100, level: 400 + (seq % 9), valve: true, pump: 80 };
    const identity = { boot: 'mwsein4t-zjetj3', seq };
    return { ts: Date.now(), gateway: 'greenhouse', device: 'tank-1', identity, values };
  });
}

/** Samples a second. */
async function rate(commit: (samples: readonly IncomingSample[]) => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  for (let done = 0; done < COMMITS; done += 1) await commit(batch());
  await underWay;
  return (COMMITS * PER_COMMIT * 1000) / (performance.now() - startedMs);
}

let underWay: Promise<unknown> = Promise.resolve();
const ways = {
  plain: async (samples: readonly IncomingSample[]): Promise<void> => {
    await log.write(samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    await log.datasync();
  },
  'outbox, one by one': async (samples: readonly IncomingSample[]): Promise<void> => {
    await Promise.all(samples.map((sample) => store.outbox.append([sample])));
  },
  'outbox, one by one, while the last hundred commit': async (
    samples: readonly IncomingSample[],
  ): Promise<void> => {
    const before = underWay;
    underWay = Promise.all(samples.map((sample) => store.outbox.append([sample])));
    await before;
  },
  'outbox, together': (samples: readonly IncomingSample[]): Promise<void> => store.outbox.append(samples),
};
const rates = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, commit] of Object.entries(ways))
    rates.set(name, [...(rates.get(name) ?? []), await rate(commit)]);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const plain = median(rates.get('plain') ?? []);
for (const [name, values] of rates) {
  const here = median(values);
  console.log(`${name}: ${here.toFixed(0)} samples/s, ${(here / plain).toFixed(2)} of the plain log`);
}
await log.close();
await store.stop();
await rm(folder, { recursive: true });
