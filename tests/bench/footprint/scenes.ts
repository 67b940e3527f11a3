// The rows of the table: each a scene that a contender plays, and what is read off it.
import { setTimeout as pause } from 'node:timers/promises';
import { Commands, connect, quantile } from './commands.js';
import { NEVER_MS, SITE, type Plan } from './plan.js';
import { costOf } from './processes.js';
import type { Running } from './running.js';

/** Named figures, in their order. */
export type Figures = ReadonlyMap<string, number>;

export interface Scene {
  readonly plan: Plan;
  play(running: Running): Promise<Figures>;
}

/** Until what is compiled and cached at the start is so. */
const WARM_UP_MS = 12_000;
const SHORT_WARM_UP_MS = 4000;
const MEASURED_MS = 10_000;
const COMMANDS = 1500;
const PACED_COMMANDS = 300;
const PACE_MS = 50;

const polled: Scene = {
  plan: { devices: 8, everyMs: 100 },
  play: async (running) => {
    await pause(WARM_UP_MS);
    const { cpu, written, polls } = await costWhile(running, () => pause(MEASURED_MS));
    const { pssMb } = costOf(running.pid);
    return new Map([
      ['8 devices at 100 ms: CPU, % of a core', cpu],
      ['8 devices at 100 ms: memory (PSS), MB', pssMb],
      ['8 devices at 100 ms: written for a sample, bytes', written / polls],
    ]);
  },
};

const filled: Scene = {
  plan: { devices: 8, everyMs: 1 },
  play: async (running) => {
    await pause(WARM_UP_MS);
    const { cpu, polls } = await costWhile(running, () => pause(MEASURED_MS));
    return new Map([
      ['polls fill the bus: CPU, % of a core', cpu],
      ['polls fill the bus: polls a second', polls / (MEASURED_MS / 1000)],
    ]);
  },
};

const commanded: Scene = {
  plan: { devices: 8, everyMs: NEVER_MS },
  play: async (running) => {
    const commands = await Commands.at(running.url);
    for (let n = 0; n < COMMANDS / 3; n += 1) await commands.one();
    const trips: number[] = [];
    const { cpuMs } = await costWhile(running, async () => {
      for (let n = 0; n < COMMANDS; n += 1) trips.push(await commands.one());
    });
    await commands.end();
    return new Map([
      ['command after command: p50, ms', quantile(trips, 0.5)],
      ['command after command: p99, ms', quantile(trips, 0.99)],
      ['command after command: CPU for each, ms', cpuMs / COMMANDS],
    ]);
  },
};

const both: Scene = {
  plan: { devices: 8, everyMs: 1 },
  play: async (running) => {
    await pause(SHORT_WARM_UP_MS);
    const commands = await Commands.at(running.url);
    const trips: Promise<number>[] = [];
    for (let n = 0; n < PACED_COMMANDS; n += 1) {
      trips.push(commands.one());
      await pause(PACE_MS);
    }
    const took = await Promise.all(trips);
    await commands.end();
    return new Map([
      ['polls fill the bus, 20 commands a second: p50, ms', quantile(took, 0.5)],
      ['polls fill the bus, 20 commands a second: p99, ms', quantile(took, 0.99)],
    ]);
  },
};

const started: Scene = {
  plan: { devices: 8, everyMs: 100 },
  play: async ({ url, startedMs }) => {
    const client = await connect(url);
    const first = new Promise((resolve) => client.once('message', resolve));
    await client.subscribeAsync(`${SITE}/device/+/telemetry`, { qos: 0 });
    await first;
    const tookMs = performance.now() - startedMs;
    await client.endAsync(true);
    return new Map([['from the start to the first telemetry, ms', tookMs]]);
  },
};

export const SCENES: readonly Scene[] = [started, polled, filled, commanded, both];

/** What it costs by the number of devices, each asked once a second. */
export function manyDevices(devices: number): Scene {
  return {
    plan: { devices, everyMs: 1000 },
    play: async (running) => {
      await pause(WARM_UP_MS);
      const { cpu } = await costWhile(running, () => pause(MEASURED_MS));
      return new Map([[`${String(devices)} devices at 1 s: CPU, % of a core`, cpu]]);
    },
  };
}

/** What it costs by the number of clients that are told everything. */
export function manyClients(clients: number): Scene {
  return {
    plan: { devices: 8, everyMs: 1000 },
    play: async (running) => {
      const connected = await Promise.all(Array.from({ length: clients }, () => connect(running.url)));
      for (const client of connected) await client.subscribeAsync(`${SITE}/#`, { qos: 0 });
      await pause(WARM_UP_MS);
      const { cpu } = await costWhile(running, () => pause(MEASURED_MS));
      for (const client of connected) await client.endAsync(true);
      return new Map([[`${String(clients)} clients of 8 devices at 1 s: CPU, % of a core`, cpu]]);
    },
  };
}

interface Spent {
  readonly cpuMs: number;
  /** Per cent of one core. */
  readonly cpu: number;
  readonly written: number;
  readonly polls: number;
}

async function costWhile({ pid, dev }: Running, work: () => Promise<unknown>): Promise<Spent> {
  const [before, transactions, begunMs] = [costOf(pid), dev.transactions, performance.now()];
  await work();
  const [after, tookMs] = [costOf(pid), performance.now() - begunMs];
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    ...{ cpuMs, cpu: (100 * cpuMs) / tookMs, written: after.writtenBytes - before.writtenBytes },
    polls: dev.transactions - transactions,
  };
}
