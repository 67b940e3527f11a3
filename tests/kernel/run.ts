// npm run test:kernel: the suite of this folder in a machine that QEMU emulates, or here where I2C_BUS names a real bus.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { env, execPath, exit, stdout } from 'node:process';
import { packageRoot } from '../../gateway/process/paths.js';
import type { Judgement } from '../drivers/judged.js';
import { PAGE, withTable } from '../drivers/table.js';
import { Wires } from './adapter/wires.js';
import { KERNEL_CHIPS } from './drivers/kernel-chips.js';
import { JUDGED } from './drivers/told.js';
import { findProgram } from './find-program.js';
import { debianKernel, type UnpackedKernel } from './machine/debian-kernel.js';
import { HOST_SEEN_FROM_WITHIN, QEMU, runInMachine } from './machine/machine.js';

/** For a machine that does much else; alone it takes a minute or two. */
const MACHINE_LIMIT_MS = 570_000;

/** One process for the whole suite: each costs an emulated processor seconds. */
const SUITE = ['--test-reporter=spec', 'dist/tests/kernel/suite.js'];

async function onRealBus(): Promise<number> {
  const child = spawn(execPath, SUITE, { cwd: packageRoot, stdio: 'inherit' });
  return ((await once(child, 'exit')) as [number | null])[0] ?? 1;
}

async function inMachine(): Promise<number> {
  if (findProgram(QEMU) === undefined)
    return skipped(`${QEMU} is not installed: apt-get install qemu-system-x86`);
  let kernel: UnpackedKernel;
  try {
    kernel = await debianKernel();
  } catch (error) {
    return skipped(`no kernel to run: ${error instanceof Error ? error.message : String(error)}`);
  }
  const port = await new Wires().start();
  console.log(`Linux ${kernel.version} in QEMU`);
  let output = '';
  const code = await runInMachine({
    kernel,
    command: `cd '${packageRoot}' && FAR_END=${HOST_SEEN_FROM_WITHIN}:${String(port)} exec '${execPath}' ${SUITE.join(' ')}`,
    limitMs: MACHINE_LIMIT_MS,
    onOutput: (text) => {
      output += text;
      stdout.write(text);
    },
  });
  writeJudgements(output);
  if (code === undefined) console.error('The machine ended without a result.');
  return code ?? 1;
}

/** The machine can't write into the repository: what its judges said becomes the table of docs/judges.md here. */
function writeJudgements(output: string): void {
  const lines = output.split('\n').flatMap((line) => line.split(JUDGED).slice(1));
  const judgements = lines.map((line) => JSON.parse(line) as Judgement);
  if (judgements.length === KERNEL_CHIPS.length) writeFileSync(PAGE, withTable('kernel', judgements));
}

/** What can't run here is no failure, but nobody shall overlook it. */
function skipped(why: string): number {
  console.error(`\n!!!!!! THE KERNEL TEST DID NOT RUN: ${why}\n`);
  return 0;
}

exit(env['I2C_BUS'] === undefined ? await inMachine() : await onRealBus());
