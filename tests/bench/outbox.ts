// The outbox against the least there is: a plain file of lines, fsynced after every hundred. The same samples, rounds
// in turn, in one process; the ratio is of the medians. Run: npm run build && node dist/tests/bench/outbox.js
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreWorker } from '../../gateway/store/durable/worker.js';
import { SystemClock } from '../../gateway/process/system-clock.js';
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

/** `lanes` of producers that come in different turns, as clients behind sockets do: one is heard while another commits. */
interface Way {
  readonly lanes: number;
  readonly commit: (samples: readonly IncomingSample[]) => Promise<unknown>;
}

/** Samples a second. */
async function rate({ lanes, commit }: Way): Promise<number> {
  const startedMs = performance.now();
  const lane = async (number: number): Promise<void> => {
    for (let done = 0; done < COMMITS / lanes; done += 1) {
      // Two turns apart, or all would go in one message once they were answered by one.
      for (let turn = 0; turn < 2 * number; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await commit(batch());
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return (COMMITS * PER_COMMIT * 1000) / (performance.now() - startedMs);
}

const oneByOne = (samples: readonly IncomingSample[]): Promise<unknown> =>
  Promise.all(samples.map((sample) => store.outbox.append([sample])));
const ways: Readonly<Record<string, Way>> = {
  plain: {
    lanes: 1,
    commit: async (samples) => {
      await log.write(samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
      await log.datasync();
    },
  },
  'outbox, a hundred producers, each waiting for its answer': { lanes: 1, commit: oneByOne },
  'outbox, another hundred while a hundred commit': { lanes: 2, commit: oneByOne },
  'outbox, a hundred in one append': { lanes: 1, commit: (samples) => store.outbox.append(samples) },
};
const rates = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, way] of Object.entries(ways))
    rates.set(name, [...(rates.get(name) ?? []), await rate(way)]);

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
