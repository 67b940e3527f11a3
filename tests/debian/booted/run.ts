// npm run test:booted: the packages in machines that QEMU boots, each with a systemd of its own. With a name as an argument
// (`debian-13`) that one alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { argv, execPath, exit } from 'node:process';
import { packageRoot } from '../../../gateway/process/paths.js';
import { findProgram } from '../../kernel/find-program.js';
import { debianKernel } from '../../kernel/machine/debian-kernel.js';
import { QEMU } from '../../kernel/machine/machine.js';
import { withoutRoot, type Suite } from '../clean-root.js';

const MACHINES: ReadonlyMap<string, Suite> = new Map([
  ['debian-13', 'trixie'],
  ['debian-12', 'bookworm'],
]);

/** Undefined where all is there. */
async function whatIsMissing(suites: readonly Suite[]): Promise<string | undefined> {
  if (findProgram(QEMU) === undefined) return `${QEMU} is not installed: apt-get install qemu-system-x86`;
  const root = suites.map(withoutRoot).find((why) => why !== false);
  if (root !== undefined) return root;
  try {
    await debianKernel();
    return undefined;
  } catch (error) {
    return `no kernel to run: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const wanted = [...MACHINES].filter(([name]) => argv[2] === undefined || argv[2] === name);
if (wanted.length === 0) {
  console.error(`No machine of that name; there are: ${[...MACHINES.keys()].join(', ')}`);
  exit(1);
}
const missing = await whatIsMissing(wanted.map(([, suite]) => suite));
if (missing !== undefined) {
  // What can't run here is no failure, but nobody shall overlook it.
  console.error(`\n!!!!!! NO MACHINE WAS BOOTED: ${missing}\n`);
  exit(0);
}
const files = wanted.map(([name]) => `dist/tests/debian/booted/${name}.test.js`);
const words = ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-timeout=2400000', ...files];
const child = spawn(execPath, words, { cwd: packageRoot, stdio: 'inherit' });
exit(((await once(child, 'exit')) as [number | null])[0] ?? 1);
