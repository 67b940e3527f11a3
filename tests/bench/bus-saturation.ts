// How much of the time a saturated bus is busy, against i2c-bus in a loop that awaits each call: both over the real
// i2c-bus, on a faked driver whose every transaction takes 1 ms. node dist/tests/bench/bus-saturation.js. Figures
// only, nothing here passes or fails, except that never two may be in the driver at once; the rounds are interleaved.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakedI2cDev } from '../support/faked-i2c-dev.js';

const ROUNDS = 5;
const TRANSACTION_MS = 1;
const CONTENDERS = {
  'i2c-bus, a loop that awaits each call': ['bare-loop.js', ''],
  'i2c-bus, the same in p-queue': ['bare-loop.js', 'p-queue'],
  'the queue, one at a time': ['our-queue.js', '0'],
  'the queue, one ahead': ['our-queue.js', '1'],
} as const;
/** A controller tells the driver by an interrupt that it is done, as the Raspberry Pi's; i2c-gpio does all by itself. */
const DRIVERS = { 'sleeps until an interrupt': false, spins: true } as const;

/** The share of the time in which the bus is busy. */
async function busyShare([program, argument]: readonly [string, string]): Promise<number> {
  const module = fileURLToPath(new URL(`./bus/${program}`, import.meta.url));
  const child = fork(module, [argument], { env: { ...process.env, ...dev.env } });
  const exited = once(child, 'exit');
  const [msEach] = (await once(child, 'message')) as [number];
  assert.deepEqual(await exited, [0, null]);
  return TRANSACTION_MS / msEach;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function compare(driver: string): Promise<void> {
  const shares = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, contender] of Object.entries(CONTENDERS))
      shares.set(name, [...(shares.get(name) ?? []), await busyShare(contender)]);
  let reference = 0;
  for (const [name, all] of shares) {
    const share = median(all);
    reference ||= share;
    const figures = `${share.toFixed(3)} of the time, ${(share / reference).toFixed(2)} × the bare loop`;
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
