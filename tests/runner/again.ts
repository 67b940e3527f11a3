// `node dist/tests/runner/again.js`: what failed in the last `npm test` runs again, three times, with nothing beside it. On
// two shared cores that stand still for seconds, another program's patience may end where ours would not; a test that is
// wrong, or a promise that does not hold, fails here as well. What passes is named all the same: it is to be looked at.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../gateway/process/paths.js';

const TIMES = 3;
/** More than these is no accident of the machine. */
const FILES_AT_MOST = 3;

const list = process.argv[2] ?? join(packageRoot, 'dist', 'failed-tests.txt');
const files = [...new Set(readFileSync(list, 'utf8').split('\n').filter(Boolean))];

function passesAlone(file: string): boolean {
  const command = ['--test', '--test-reporter=spec', '--test-timeout=600000', file];
  return Array.from({ length: TIMES }).every(
    () => spawnSync(process.execPath, command, { stdio: 'inherit' }).status === 0,
  );
}

function verdict(): string | undefined {
  if (files.length === 0) return 'the run failed without a test file that did';
  if (files.length > FILES_AT_MOST) return `${String(files.length)} files failed`;
  const failed = files.filter((file) => !passesAlone(file));
  return failed.length === 0 ? undefined : `not alone either: ${failed.join(', ')}`;
}

const wrong = verdict();
if (wrong === undefined)
  for (const file of files)
    console.error(`!!!!!! ${file} failed once, and passed ${String(TIMES)} times alone`);
else console.error(`!!!!!! ${wrong}`);
process.exitCode = wrong === undefined ? 0 : 1;
