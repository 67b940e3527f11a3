// A password typed at a terminal: asked for twice, and never shown.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { exampleFile, PROGRAM } from '../../support/gateway-process.js';
import { isInstalled } from './is-installed.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const withoutScript = isInstalled('script')
  ? false
  : 'script (bsdutils) IS NOT INSTALLED. Typing a password was not tested.';

/** Types the answers as they are asked for, or both at once; what the terminal showed, and the exit code. */
async function typing(t: TestContext, config: string, answers: readonly string[], hasty = false) {
  const command = `'${execPath}' '${PROGRAM}' passwd alice --config '${config}'`;
  // A terminal of its own around the command, with its exit code.
  const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env });
  t.after(() => child.kill('SIGKILL'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const closed = once(child, 'close');
  await until('the question', () => shown.includes('Password of alice: '));
  if (hasty) child.stdin.write(answers.map((answer) => `${answer}\r`).join(''));
  else {
    child.stdin.write(`${answers[0] ?? ''}\r`);
    await until('the second question', () => shown.includes('Once more: '));
    child.stdin.write(`${answers[1] ?? ''}\r`);
  }
  await closed;
  return { shown, code: child.exitCode };
}

void test('a typed password is asked for twice and not shown', { skip: withoutScript }, async (t) => {
  const folder = await temporaryFolder(t);
  const passwords = join(folder, 'passwords');
  const config = await exampleFile(t, (example) => {
    example['users'] = { password_file: passwords };
  });
  const differing = await typing(t, config, ['open-sesame', 'open-sesam']);
  assert.equal(differing.code, 1, differing.shown);
  assert.match(differing.shown, /The two passwords differ; nothing was changed/);
  await assert.rejects(readFile(passwords));
  for (const hasty of [false, true]) {
    const { shown, code } = await typing(t, config, ['open-sesame', 'open-sesame'], hasty);
    assert.equal(code, 0, shown);
    assert.doesNotMatch(shown, /sesam/);
    assert.match(shown, /alice has a new password/);
  }
});
