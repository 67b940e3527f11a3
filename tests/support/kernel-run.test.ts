// Where the kernel test cannot run it is no failure, and nobody overlooks it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from './temporary-folder.js';

/** With nothing to be found but what is in `path`. */
function runKernelTest(path: string): Promise<{ readonly code: number; readonly complaint: string }> {
  const program = join(packageRoot, 'dist', 'tests', 'kernel', 'run.js');
  return new Promise((resolve) => {
    execFile(execPath, [program], { env: { PATH: path } }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), complaint: stderr });
    });
  });
}

test('without QEMU the kernel test says in capitals that it did not run, and how to get it', async (t) => {
  const { code, complaint } = await runKernelTest(await temporaryFolder(t));
  assert.equal(code, 0);
  assert.match(
    complaint,
    /!!! THE KERNEL TEST DID NOT RUN: qemu-system-x86_64 is not installed: apt-get install/,
  );
});

test('without a kernel to download it says so as well', async (t) => {
  const folder = await temporaryFolder(t);
  const programs = { 'qemu-system-x86_64': 'exit 9', 'apt-cache': 'echo "no network" >&2; exit 100' };
  for (const [name, does] of Object.entries(programs))
    await writeFile(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  const { code, complaint } = await runKernelTest(folder);
  assert.equal(code, 0);
  assert.match(complaint, /!!! THE KERNEL TEST DID NOT RUN: no kernel to run: .*apt-cache/s);
});
