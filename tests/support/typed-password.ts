// A password piped into the command `passwd`, as a script does it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { env, execPath } from 'node:process';
import type { TestContext } from 'node:test';
import { PROGRAM } from './gateway-process.js';

/** Exit code and everything printed, as one text. */
export async function typePassword(
  t: Pick<TestContext, 'after'>,
  user: string,
  config: string,
  password: string,
): Promise<string> {
  const child = spawn(execPath, [PROGRAM, 'passwd', user, '--config', config], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  child.stdin.end(`${password}\n`);
  await once(child, 'close');
  return `${String(child.exitCode)} ${output}`;
}
