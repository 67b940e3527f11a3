// Odd clients beside honest ones, at a gateway that is a process of its own: it must stay alive, hand the honest ones
// everything they are owed in order, keep within its memory, and say no error.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient } from '../support/mqtt/client.js';
import type { Random } from '../support/random.js';
import { until } from '../support/waiting.js';
import { HonestPair } from './honest-pair.js';
import { OddClient } from './odd-client.js';

export interface Fuzzed {
  readonly mqttUrl: string;
  readonly webSocketUrl: string;
  readonly pid: number;
  /** Null while it runs. */
  readonly exitCode: () => number | null;
  readonly output: () => string;
}

export interface FuzzRun {
  readonly gateway: Fuzzed;
  readonly chance: Random;
  /** Told the steps made so far; false ends the run. */
  readonly goesOn: (steps: number) => boolean;
}

const MOST_CLIENTS = 12;
const STEPS_BETWEEN_HONEST = 20;
const LOOK_EVERY_MS = 60_000;
/** Twelve clients' backlogs at their largest, and the gateway itself. */
const MOST_RSS_BYTES = 900 * 1024 * 1024;

/** Resolves with what was done: steps of odd clients, cuts of honest ones' connections. Rejects with what was found. */
export async function fuzz(
  t: Parameters<typeof connectClient>[0],
  run: FuzzRun,
): Promise<{ readonly steps: number; readonly cuts: number }> {
  const { gateway, chance } = run;
  const { mqttUrl: tcp, webSocketUrl: webSocket } = gateway;
  const pairs = [
    await HonestPair.open(t, { writer: webSocket, reader: tcp }, { qos: 1, chance }),
    await HonestPair.open(t, { writer: tcp, reader: webSocket }, { qos: 2, chance }),
  ];
  const odd: OddClient[] = [];
  let steps = 0;
  let lookAtMs = performance.now() + LOOK_EVERY_MS;
  for (; run.goesOn(steps); steps++) {
    const place = chance.int(MOST_CLIENTS);
    const client = odd[place];
    if (client === undefined || client.isGone) odd[place] = newClient(gateway, chance);
    else client.step();
    if (steps % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (steps % STEPS_BETWEEN_HONEST !== 0) continue;
    for (const pair of pairs)
      await pair.exchange(() => {
        assert.equal(gateway.exitCode(), null, `the gateway ended: ${gateway.output().slice(-3000)}`);
      });
    if (performance.now() < lookAtMs) continue;
    lookAtMs = performance.now() + LOOK_EVERY_MS;
    await assertWell(gateway);
  }
  for (const client of odd) client.end();
  await sleep(100);
  assert.equal(gateway.exitCode(), null);
  const late = await connectClient(t, gateway.mqttUrl, { clientId: 'late' });
  await late.subscribe('iot/#');
  await until('what is retained', () => late.received.length > 0);
  await assertWell(gateway);
  return { steps, cuts: pairs.reduce((sum, { cuts }) => sum + cuts, 0) };
}

function newClient(gateway: Fuzzed, chance: Random): OddClient {
  return chance.int(2) === 0
    ? OddClient.overTcp(chance, Number(new URL(gateway.mqttUrl).port))
    : OddClient.overWebSocket(chance, gateway.webSocketUrl);
}

/** Within its memory, and without a line that says error: JSON lines, as its output is no terminal. */
async function assertWell(gateway: Fuzzed): Promise<void> {
  const status = await readFile(`/proc/${String(gateway.pid)}/status`, 'utf8').catch(() => '');
  const rssBytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  assert.ok(rssBytes < MOST_RSS_BYTES, `${String(rssBytes)} bytes of memory`);
  const errors = gateway
    .output()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line));
  assert.deepEqual(errors, []);
}
