import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const RUNNER = join(packageRoot, 'dist', 'tests', 'runner');
// The runner under which this runs marks its children, and a runner that is so marked runs nothing.
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

/** Fails in its first `times` runs; the test itself is made by another file. */
async function fails(folder: string, name: string, times: number): Promise<string> {
  const file = join(folder, `${name}.test.mjs`);
  await writeFile(join(folder, 'made.mjs'), "export { test as made } from 'node:test';");
  await writeFile(
    file,
    `import { appendFileSync, readFileSync } from 'node:fs';
     import { made } from './made.mjs';
     made('a test', () => {
       appendFileSync('${file}.runs', 'x');
       if (readFileSync('${file}.runs').length <= ${String(times)}) throw new Error('not yet');
     });`,
  );
  return file;
}

function firstRun(folder: string, files: readonly string[]): string {
  const list = join(folder, 'failed.txt');
  const reporter = ['--test-reporter', join(RUNNER, 'failed-files.js'), '--test-reporter-destination', list];
  spawnSync(process.execPath, ['--test', ...reporter, ...files], { env });
  return list;
}

function again(list: string): { status: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(RUNNER, 'again.js'), list], {
    env,
    encoding: 'utf8',
  });
  return { status, said: stderr };
}

test('what failed once and passes three times alone is let through, and named', async (t) => {
  const folder = await temporaryFolder(t);
  const [once, sound] = [await fails(folder, 'once', 1), await fails(folder, 'sound', 0)];
  const list = firstRun(folder, [once, sound]);
  assert.equal(await readFile(list, 'utf8'), `${once}\n`);
  const { status, said } = again(list);
  assert.equal(status, 0);
  assert.match(said, /!!!!!! .*once\.test\.mjs failed once, and passed 3 times alone/);
  assert.equal((await readFile(`${once}.runs`)).length, 4);
  assert.equal((await readFile(`${sound}.runs`)).length, 1);
});

test('what fails alone as well, more than three files, and a run that failed without any are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const third = firstRun(folder, [await fails(folder, 'third', 3)]);
  assert.equal(again(third).status, 1);
  const names = ['a', 'b', 'c', 'd'];
  const many = firstRun(folder, await Promise.all(names.map(async (name) => fails(folder, name, 1))));
  assert.match(again(many).said, /4 files failed/);
  await writeFile(many, '');
  assert.equal(again(many).status, 1);
});
