import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until, untilAsync } from '../../support/waiting.js';

const PROGRAM = new URL('./signals-process.js', import.meta.url);

class Subject {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #reader: Interface;

  constructor(t: TestContext, stop: 'well' | 'hang' | 'throw' | 'wait') {
    this.#child = fork(PROGRAM, [stop], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    t.after(() => this.#child.kill('SIGKILL'));
    const { stdout } = this.#child;
    assert.ok(stdout);
    this.#reader = createInterface(stdout);
    this.#reader.on('line', (line) => this.lines.push(line));
  }

  async said(line: string): Promise<void> {
    while (!this.lines.includes(line)) await once(this.#reader, 'line');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  letStopEnd(): void {
    this.#child.send('finish');
  }

  crash(how: 'throw' | 'reject'): void {
    this.#child.send(how);
  }

  /** Its exit code, once its output is complete. */
  async gone(): Promise<number | null> {
    const [code] = (await once(this.#child, 'close')) as [number | null];
    return code;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`the first ${signal} stops in order and the exit code is 0`, async (t) => {
    const subject = new Subject(t, 'well');
    await subject.said('ready');
    subject.kill(signal);
    assert.equal(await subject.gone(), 0);
    assert.deepEqual(subject.lines, ['ready', `${signal}: stopping; once more ends at once`, 'stop called']);
  });
}

for (const [signal, exitCode] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  test(`a second signal, ${signal}, ends at once with ${String(exitCode)} though the stop hangs`, async (t) => {
    const subject = new Subject(t, 'hang');
    await subject.said('ready');
    subject.kill('SIGINT');
    await subject.said('stop called');
    subject.kill(signal);
    assert.equal(await subject.gone(), exitCode);
  });
}

test('one Ctrl-C that comes twice, from the terminal and from npm, still stops in order', async (t) => {
  const subject = new Subject(t, 'wait');
  await subject.said('ready');
  subject.kill('SIGINT');
  await subject.said('stop called');
  subject.kill('SIGINT');
  await subject.said('SIGINT once more at once: taken for the same');
  subject.letStopEnd();
  assert.equal(await subject.gone(), 0);
});

for (const [how, message] of [
  ['throw', 'thrown in a callback'] as const,
  ['reject', 'rejected and not awaited'] as const,
]) {
  test(`an error nobody handles (${how}) is logged, everything is stopped, and the exit code is 1`, async (t) => {
    const subject = new Subject(t, 'well');
    await subject.said('ready');
    subject.crash(how);
    assert.equal(await subject.gone(), 1);
    assert.deepEqual(subject.lines, [
      'ready',
      `an error nobody handled: stopping (${message})`,
      'stop called',
    ]);
  });
}

test('a crash while it stops is logged, does not stop a second time, and leaves the signal its power', async (t) => {
  const subject = new Subject(t, 'hang');
  await subject.said('ready');
  subject.kill('SIGTERM');
  await subject.said('stop called');
  subject.crash('throw');
  await subject.said('an error nobody handled: stopping (thrown in a callback)');
  subject.kill('SIGTERM');
  assert.equal(await subject.gone(), 143);
  assert.equal(subject.lines.filter((line) => line === 'stop called').length, 1);
});

test('a stop that fails makes the exit code 1 and says why', async (t) => {
  const subject = new Subject(t, 'throw');
  await subject.said('ready');
  subject.kill('SIGINT');
  assert.equal(await subject.gone(), 1);
  assert.equal(subject.lines.at(-1), 'the gateway did not stop well (outbox not flushed)');
});

test('with a terminal SIGHUP has it read again, and ends it when that was closed', async (t) => {
  const file = join(await temporaryFolder(t), 'what');
  const words = `exec '${execPath}' '${fileURLToPath(PROGRAM)}' terminal '${file}'`;
  const terminal = spawn('script', ['-qfec', words, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => terminal.kill('SIGKILL'));
  let said = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const what = async (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  await until('it is ready', () => said.includes('ready'));
  const children = `/proc/${String(terminal.pid)}/task/${String(terminal.pid)}/children`;
  const pid = Number((await readFile(children, 'utf8')).trim());
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (thrown) {
      assert.equal((thrown as NodeJS.ErrnoException).code, 'ESRCH');
    }
  });
  process.kill(pid, 'SIGHUP');
  await untilAsync('it has read again', async () => (await what()) === 'read again');
  assert.ok(!said.includes('stopping'), said);
  // Whoever has the other end is gone: the kernel sends SIGHUP.
  terminal.kill('SIGKILL');
  await untilAsync('it has stopped', async () => (await what()) === 'stopped');
});
