// A long run of the fuzzing clients: `node dist/tests/fuzz/run.js [minutes] [seed]`. Says its seed first, its steps last.
import { argv } from 'node:process';
import { test } from 'node:test';
import { startGateway } from '../support/gateway-process.js';
import { Random } from '../support/random.js';
import { fuzz } from './fuzzing.js';

const minutes = Number(argv[2] ?? 60);
const seed = Number(argv[3] ?? Math.floor(Math.random() * 2 ** 31));

void test(`odd clients for ${String(minutes)} minutes, seed ${String(seed)}`, async (t) => {
  console.log(`seed ${String(seed)}`);
  const { child, ...gateway } = await startGateway(t, { limitMs: 120_000 });
  const end = performance.now() + minutes * 60_000;
  const { steps, cuts } = await fuzz(t, {
    gateway: { ...gateway, pid: child.pid ?? 0, exitCode: () => child.exitCode },
    chance: new Random(seed),
    goesOn: () => performance.now() < end,
  });
  console.log(`${String(steps)} steps and ${String(cuts)} cuts of honest connections without a finding`);
});
