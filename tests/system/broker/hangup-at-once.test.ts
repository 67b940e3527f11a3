// `systemctl reload` right after `start`: SIGHUP comes before the gateway is there to take it, and ends nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleFile, runProgram } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

test('SIGHUP while the configuration is still read does not end a service', async (t) => {
  const text = readFileSync(await exampleFile(t));
  const folder = await temporaryFolder(t);
  const fifo = join(folder, 'gateway.yaml');
  execFileSync('mkfifo', [fifo]);
  const { child, output } = runProgram(t, [
    'start',
    '--simulate',
    '--config',
    fifo,
    '--data',
    join(folder, 'data'),
  ]);
  // It opens once the gateway reads, which now waits for its text: nothing is started, and no signal of its own heard.
  const end = await until('the gateway reads its file', () => opened(fifo), 60_000);
  child.kill('SIGHUP');
  writeSync(end, text);
  closeSync(end);
  await until(
    `it is live: ${output()}`,
    () => {
      assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
      return output().includes('is live with');
    },
    60_000,
  );
  child.kill('SIGTERM');
  await until('its end', () => child.exitCode !== null, 30_000);
  assert.equal(child.exitCode, 0);
});

function opened(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENXIO') return undefined;
    throw thrown;
  }
}
