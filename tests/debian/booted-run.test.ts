// Where no machine can be booted it is no failure, and nobody overlooks it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Ended {
  readonly code: number;
  readonly complaint: string;
}

/** With nothing to be found but what is in `path`. */
function runBooted(path: string, ...words: readonly string[]): Promise<Ended> {
  const program = join(packageRoot, 'dist', 'tests', 'debian', 'booted', 'run.js');
  const env = { PATH: path, DEBIAN_ROOTS: path };
  return new Promise((resolve) => {
    execFile(execPath, [program, ...words], { env }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), complaint: stderr });
    });
  });
}

test('what is missing is said in capitals, and how to get it; a machine that is none is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const withoutQemu = await runBooted(folder);
  assert.equal(withoutQemu.code, 0);
  assert.match(
    withoutQemu.complaint,
    /!!! NO MACHINE WAS BOOTED: qemu-system-x86_64 is not installed: apt-get/,
  );
  await writeFile(join(folder, 'qemu-system-x86_64'), '', { mode: 0o755 });
  const withoutDebian = await runBooted(folder, 'debian-13');
  assert.equal(withoutDebian.code, 0);
  assert.match(withoutDebian.complaint, /NO CLEAN DEBIAN \(trixie\) HERE: tests\/debian\/prepare trixie/);
  const unknown = await runBooted(folder, 'debian-11');
  assert.equal(unknown.code, 1);
  assert.match(unknown.complaint, /there are: debian-13, debian-12/);
});
