// A short run of the fuzzing clients; `node dist/tests/fuzz/run.js [minutes] [seed]` makes a long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../support/random.js';
import { fuzz } from '../../fuzz/fuzzing.js';
import { startGateway } from '../../support/gateway-process.js';

const STEPS = 600;

void test('clients that pause, drop and take each other over at every point cost nobody but themselves', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${String(seed)}`);
  const { child, ...gateway } = await startGateway(t);
  const { cuts } = await fuzz(t, {
    gateway: { ...gateway, pid: child.pid ?? 0, exitCode: () => child.exitCode },
    chance: new Random(seed),
    goesOn: (steps) => steps < STEPS,
  });
  assert.ok(cuts > 0);
});
