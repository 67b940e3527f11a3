// What can befall the gateway on its way to MongoDB: each fault strikes, lasts a random while, and is healed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FullDisk } from '../../support/full-disk.js';
import type { Fate, MongoProxy } from '../../support/mongo/proxy.js';
import type { MongoServer } from '../../support/mongo/processes.js';
import type { Random } from '../../support/random.js';
import type { ChaosGateway } from './chaos-gateway.js';

export type Lane = 'gateway' | 'disk' | 'server' | 'connections' | 'insert';

export interface Fault {
  readonly name: string;
  /** Faults of one lane never overlap, those of different lanes do. */
  readonly lane: Lane;
  /** How often it is chosen, beside the others: what takes seconds is rare. */
  readonly weight: number;
  /** Resolves when it is healed. */
  readonly strike: (random: Random) => Promise<void>;
}

export interface Victims {
  readonly gateway: ChaosGateway;
  readonly disk: FullDisk | undefined;
  /** Undefined: the samples stay in the local history. */
  readonly mongo: { readonly server: MongoServer; readonly proxy: MongoProxy } | undefined;
}

export function faultsOf({ gateway, disk, mongo }: Victims): Fault[] {
  const kill = (): Promise<void> => gateway.kill();
  const faults: Fault[] = [{ name: 'kill -9 of the gateway', lane: 'gateway', weight: 5, strike: kill }];
  if (disk !== undefined) faults.push(fullDiskFault(disk));
  if (mongo !== undefined) faults.push(...connectionFaults(mongo.proxy), ...insertFaults(mongo.proxy));
  const restart = mongo?.server.restart;
  if (restart !== undefined)
    faults.push({ name: 'MongoDB restarted', lane: 'server', weight: 1, strike: restart });
  return faults;
}

function fullDiskFault(disk: FullDisk): Fault {
  const strike = async (random: Random): Promise<void> => {
    await disk.fill();
    await sleep(20 + random.int(600));
    await disk.free();
  };
  return { name: 'disk full', lane: 'disk', weight: 14, strike };
}

function connectionFaults(proxy: MongoProxy): Fault[] {
  const cut = (): Promise<void> => {
    proxy.cut();
    return Promise.resolve();
  };
  const away = async (random: Random): Promise<void> => {
    await proxy.down();
    await sleep(20 + random.int(600));
    await proxy.up();
  };
  /** An insert that never gets its answer, until the connection it hangs in is cut. */
  const stall = async (random: Random): Promise<void> => {
    await struck(proxy, 'stall', Number.POSITIVE_INFINITY);
    await sleep(20 + random.int(600));
    proxy.cut();
  };
  return [
    { name: 'connections cut', lane: 'connections', weight: 10, strike: cut },
    { name: 'MongoDB away', lane: 'server', weight: 10, strike: away },
    { name: 'reply stalled', lane: 'insert', weight: 6, strike: stall },
  ];
}

function insertFaults(proxy: MongoProxy): Fault[] {
  const answers: readonly (readonly [string, number, string])[] = [
    ['not the primary', 10107, 'not master'],
    ['shutting down', 11600, 'interrupted at shutdown'],
    ['the quota of Atlas', 8000, 'you are over your space quota'],
    ['no rights', 13, 'not authorized on i2c'],
    ['unheard of', 4711, 'whatever'],
  ];
  const concern = { code: 64, errmsg: 'waiting for replication timed out' };
  const fault = (name: string, weight: number, fate: Fate): Fault => ({
    name,
    lane: 'insert',
    weight,
    strike: () => struck(proxy, fate, 4000),
  });
  return [
    fault('request lost', 8, 'cut-before'),
    fault('reply lost', 14, 'cut-after'),
    fault('write concern failed', 3, { answer: { ok: 1, n: 0, writeConcernError: concern } }),
    ...answers.map(([name, code, errmsg]) => fault(name, 2, { answer: { ok: 0, code, errmsg } })),
  ];
}

/**
 * Waits until the next insert has met its fate. A delivery that pauses, or a gateway that is away, takes its time: what
 * has not struck after `patienceMs` strikes during a later round.
 */
async function struck(proxy: MongoProxy, fate: Fate, patienceMs: number): Promise<void> {
  // One at a time: with each failure in a row the delivery pauses twice as long.
  while (proxy.fates.length > 0) await sleep(10);
  proxy.fates.push(fate);
  const end = performance.now() + patienceMs;
  while (proxy.fates.length > 0 && performance.now() < end) await sleep(10);
}
