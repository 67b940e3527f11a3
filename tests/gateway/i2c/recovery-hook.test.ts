import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recoveryHook } from '../../../gateway/i2c/recovery-hook.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

function run(argv: readonly string[], withinMs = 10_000) {
  const log = new RecordingLog();
  const abort = new AbortController();
  const hook = recoveryHook({ run: argv, withinMs }, '/dev/i2c-7', { clock: new SystemClock(), log });
  return { log, abort, ended: hook(abort.signal) };
}

/** A dead process that nobody has waited for (no init in a container) is dead all the same. */
function isAlive(pid: number): boolean {
  const file = `/proc/${String(pid)}/stat`;
  return existsSync(file) && !readFileSync(file, 'utf8').includes(') Z ');
}

test('of a talkative program the end is kept, and its exit code is told', async () => {
  const { log, ended } = run(['sh', '-c', 'seq 100000; echo last words >&2; exit 4']);
  assert.equal(await ended, 'The recovery program ended with exit code 4.');
  const output = String(log.lines[0]?.fields['output']);
  assert.ok(output.length <= 2000, String(output.length));
  assert.match(output, /last words|100000/);
});

test('a program that is not there is told, not thrown', async () => {
  const { ended } = run(['/nowhere/reset-bus']);
  assert.match(await ended, /could not be run: .*ENOENT/);
});

for (const how of ['late', 'closed'] as const)
  test(`a program that does not end is killed with all it started: ${how}`, async (t) => {
    const file = join(await temporaryFolder(t), 'pid');
    const script = 'sleep 600 & echo $! > "$0.part"; mv "$0.part" "$0"; wait';
    const { abort, ended } = run(['sh', '-c', script, file], how === 'late' ? 1000 : 60_000);
    await until('the program', () => existsSync(file));
    const pid = Number(await readFile(file, 'utf8'));
    if (how === 'closed') abort.abort();
    assert.match(await ended, how === 'late' ? /did not end within 1000 ms/ : /was ended by SIGKILL/);
    await until('the end of its child', () => !isAlive(pid));
  });
