// .ci/run keeps services from starting while packages are installed; ended in the middle of it, it takes that back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

/** The function of `.ci/run` with its policy in `folder`, and there an apt-get of which `.running` tells that it runs. */
async function scriptIn(folder: string): Promise<string> {
  const text = await readFile(join(packageRoot, '.ci', 'run'), 'utf8');
  const body = /^install_debian_packages\(\) \{$.*?^\}$/ms.exec(text)?.[0] ?? '';
  assert.ok(body.includes('/usr/sbin/policy-rc.d'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const [name, lines] of [
    ['dpkg-query', 'exit 1'],
    ['apt-get', `touch "${folder}/.running"; read -r _ <&0`],
  ] as const) {
    await writeFile(join(bin, name), `#!/bin/sh\n${lines}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const here = body.replace('/usr/sbin/policy-rc.d', join(folder, 'policy-rc.d'));
  return `set -euo pipefail\nPATH="${bin}:$PATH"\nDEBIAN_PACKAGES=(x)\n${here}\ninstall_debian_packages\n`;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  test(`no policy-rc.d is left when ${signal} ends it while packages are installed`, async (t) => {
    const folder = await temporaryFolder(t);
    const script = await scriptIn(folder);
    const child = spawn('bash', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
    t.after(() => child.kill('SIGKILL'));
    const policy = join(folder, 'policy-rc.d');
    await until('apt-get runs', () => existsSync(join(folder, '.running')) || child.exitCode !== null);
    assert.ok(existsSync(policy));
    const closed = once(child, 'exit');
    // As a terminal or a runner ends it: all of its processes.
    process.kill(-(child.pid ?? 0), signal);
    await closed;
    assert.ok(!existsSync(policy));
  });
