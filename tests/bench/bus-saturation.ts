// How much of the time a saturated bus is busy, against a bare loop that awaits each call: node dist/tests/bench/bus-saturation.js.
// Figures only, nothing here passes or fails; the ratio is what counts, the rounds are interleaved.
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { BusQueue } from '../../bridge/bus-queue.js';
import { openLinuxBus } from '../../gateway/i2c/linux/open-linux-bus.js';
import { SystemClock } from '../../gateway/system-clock.js';
import type { OwnedI2cBus } from '../../shared/ports.js';
import { RecordingLog } from '../support/recording-log.js';
import { BUSY_BYTES } from './timed-driver.js';

const ROUNDS = 3;
const TRANSACTIONS = 400;
/** Enough that somebody always waits. */
const CALLERS = 8;

/** Both run `TRANSACTIONS` and tell how many ms the driver was busy since it began. */
type Loop = () => Promise<number>;

async function bareLoop(): Promise<{ readonly loop: Loop; readonly close: () => Promise<unknown> }> {
  const worker = new Worker(new URL('./timed-thread.js', import.meta.url));
  await once(worker, 'online');
  const loop = async (): Promise<number> => {
    let busyMs = 0;
    for (let call = 0; call < TRANSACTIONS; call += 1) {
      worker.postMessage('');
      [busyMs] = (await once(worker, 'message')) as [number];
    }
    return busyMs;
  };
  return { loop, close: () => worker.terminate() };
}

async function saturated(aheadOf: (bus: OwnedI2cBus) => OwnedI2cBus) {
  const log = new RecordingLog();
  const driver = new URL('./timed-driver.js', import.meta.url).href;
  const onFailure = (error: Error): void => {
    throw error;
  };
  const config = { id: 'bench', path: '/dev/i2c-1', bitsPerSecond: 100_000 };
  const clock = new SystemClock();
  const bus = await openLinuxBus(config, { log, onFailure, driver, clock });
  const queue = new BusQueue({ bus: aheadOf(bus), clock, limit: 64 });
  const read = async (): Promise<number> => {
    const bytes = await queue.transfer({ address: 0x08, readLength: BUSY_BYTES }, { priority: 'poll' });
    return Buffer.from(bytes).readDoubleLE(0);
  };
  const loop = async (): Promise<number> => {
    log.lines.length = 0;
    const caller = async (): Promise<number> => {
      let busyMs = 0;
      for (let call = 0; call < TRANSACTIONS / CALLERS; call += 1) busyMs = await read();
      return busyMs;
    };
    return Math.max(...(await Promise.all(Array.from({ length: CALLERS }, caller))));
  };
  return { loop, close: () => queue.close() };
}

/** The same bus, given one at a time. */
function oneByOne(bus: OwnedI2cBus): OwnedI2cBus {
  return { transfer: (transaction) => bus.transfer(transaction), close: () => bus.close() };
}

async function busyShare(loop: Loop): Promise<number> {
  const busyBefore = await loop();
  const began = performance.now();
  return ((await loop()) - busyBefore) / (performance.now() - began);
}

const contenders = {
  'a bare loop that awaits each call': await bareLoop(),
  'the queue, one at a time': await saturated(oneByOne),
  'the queue, one ahead': await saturated((bus) => bus),
};
const shares = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, { loop }] of Object.entries(contenders))
    shares.set(name, [...(shares.get(name) ?? []), await busyShare(loop)]);
for (const { close } of Object.values(contenders)) await close();

let reference = 0;
for (const [name, all] of shares) {
  const mean = all.reduce((sum, share) => sum + share, 0) / all.length;
  reference ||= mean;
  const figures = `${mean.toFixed(3)} of the time, ${(mean / reference).toFixed(2)} × the bare loop`;
  process.stdout.write(`${`bus busy at 1 ms a transaction, ${name}`.padEnd(68)} ${figures}\n`);
}
