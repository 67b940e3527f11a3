// Rounds of random faults, some of them at once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import type { Fault, Lane } from './faults.js';

/** More would mostly hide each other. */
const MOST_AT_ONCE = 3;
/** How long a lane is left alone after a fault, at most: where nothing ever works, nothing is put to the test. */
const REST_MS: Readonly<Record<Lane, number>> = {
  gateway: 14_000,
  disk: 5000,
  server: 9000,
  connections: 3500,
  insert: 300,
};

/** Runs so many rounds, one fault each, and resolves with how often each struck once all are healed. */
export async function storm(
  faults: readonly Fault[],
  rounds: number,
  random: Random,
): Promise<ReadonlyMap<string, number>> {
  const struck = new Map<string, number>(faults.map(({ name }) => [name, 0]));
  const active = new Map<Lane, Promise<void>>();
  const resting = new Map<Lane, Promise<void>>();
  const tickets = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  const free = (): Fault[] => tickets.filter(({ lane }) => !active.has(lane) && !resting.has(lane));
  const run = async ({ lane, strike }: Fault): Promise<void> => {
    await strike(random);
    active.delete(lane);
    resting.set(
      lane,
      sleep(random.int(REST_MS[lane])).finally(() => resting.delete(lane)),
    );
  };
  for (let round = 0; round < rounds; round += 1) {
    while (active.size >= MOST_AT_ONCE) await Promise.race(active.values());
    while (free().length === 0) await Promise.race([...active.values(), ...resting.values()]);
    const fault = random.of(free());
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
    active.set(fault.lane, run(fault));
    if (round % 20 === 0) console.error(`chaos: round ${String(round)}, ${[...active.keys()].join(' and ')}`);
    await sleep(random.int(200));
  }
  await Promise.all(active.values());
  return struck;
}
