// Moments by every clock of the machine, so that the time between two of them is known across a kill and a jump.
import { readFileSync } from 'node:fs';
import { hrtime } from 'node:process';
import type { Moment } from '../../shared/command-journal.js';
import type { Clock } from '../../shared/ports.js';
import { isClockSynchronised } from './clock-sync.js';

/** Linux makes it anew at each start of the machine: random(4). */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const NS_PER_MS = 1e6;

/**
 * On Linux `process.hrtime` counts from the start of the machine, for all processes alike (CLOCK_MONOTONIC). Elsewhere
 * only this process's own time is certain, and so `boot` stands for the run of the machine.
 */
export function momentsOf(clock: Clock, boot: string, bootIdFile = BOOT_ID): () => Moment {
  const bootId = readBootId(bootIdFile);
  const machine = bootId ?? boot;
  const sinceMs = bootId === undefined ? 0 : Number(hrtime.bigint()) / NS_PER_MS - clock.monotonicMs();
  return () => {
    const ts = clock.now();
    const uptimeMs = sinceMs + clock.monotonicMs();
    return { ts, synchronised: isClockSynchronised(ts), machine, uptimeMs };
  };
}

function readBootId(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}
