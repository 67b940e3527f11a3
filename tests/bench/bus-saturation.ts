// How much of the time a saturated bus is busy, against i2c-bus in a loop that awaits each call: both over the real
// i2c-bus, on a faked driver whose every transaction takes 1 ms. node dist/tests/bench/bus-saturation.js. Figures
// only, nothing here passes or fails, except that never two may be in the driver at once; the rounds are interleaved.
// How long the wire rests from one transaction to the next is the program's own share; the rest of what is not busy are
// the machine's wake-ups, and what other machines beside it take.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakedI2cDev } from '../support/faked-i2c-dev.js';
import { TRANSACTIONS } from './bus/measure.js';

const ROUNDS = 7;
const TRANSACTION_MS = 1;
const CONTENDERS = {
  'i2c-bus, a loop that awaits each call': ['bare-loop.js', ''],
  'i2c-bus, the same in p-queue': ['bare-loop.js', 'p-queue'],
  'the queue, one at a time': ['our-queue.js', '0'],
  'the queue, one ahead': ['our-queue.js', '1'],
} as const;
/** A controller tells the driver by an interrupt that it is done, as the Raspberry Pi's; i2c-gpio does all by itself. */
const DRIVERS = { 'sleeps until an interrupt': false, spins: true } as const;

interface Figures {
  /** The share of the time in which the bus is busy. */
  readonly share: number;
  /** From the end of a transaction to the begin of the next, the median. */
  readonly restUs: number;
}

async function measured([program, argument]: readonly [string, string]): Promise<Figures> {
  const module = fileURLToPath(new URL(`./bus/${program}`, import.meta.url));
  const child = fork(module, [argument], { env: { ...process.env, ...dev.env } });
  const exited = once(child, 'exit');
  const [msEach] = (await once(child, 'message')) as [number];
  assert.deepEqual(await exited, [0, null]);
  return { share: TRANSACTION_MS / msEach, restUs: median(dev.idleNs(TRANSACTIONS)) / 1000 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function compare(driver: string): Promise<void> {
  const rounds = new Map<string, Figures[]>();
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, contender] of Object.entries(CONTENDERS))
      rounds.set(name, [...(rounds.get(name) ?? []), await measured(contender)]);
  let reference = 0;
  for (const [name, all] of rounds) {
    const share = median(all.map((one) => one.share));
    const rest = median(all.map((one) => one.restUs)).toFixed(0);
    reference ||= share;
    const figures = `${share.toFixed(3)} of the time, ${(share / reference).toFixed(2)} × the bare loop, then rests ${rest} µs`;
    const label = `bus busy at 1 ms a transaction, driver ${driver}, ${name}`;
    process.stdout.write(`${label.padEnd(102)} ${figures}\n`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'i2c-mqtt-gateway-'));
const dev = new FakedI2cDev(folder);
for (const [driver, spins] of Object.entries(DRIVERS)) {
  dev.takes(TRANSACTION_MS, spins);
  await compare(driver);
}
process.stdout.write(`twice in the driver at once: ${String(dev.overlaps)} of ${String(dev.transactions)}\n`);
assert.equal(dev.overlaps, 0);
dev.close();
rmSync(folder, { recursive: true, force: true });
