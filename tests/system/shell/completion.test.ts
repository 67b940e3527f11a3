// The Tab key in the real bash, zsh and fish: commands, options, their values, files, and the names of a configuration.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { exampleConfig } from '../../../gateway/process/paths.js';
import { PROGRAM } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';
import { isInstalled } from './is-installed.js';

const run = promisify(execFile);

/** What is typed before the Tab, and what is offered; where it is one word it is completed. */
const ASKED: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ['', ['history', 'watch', 'completion']],
  ['history --for', ['--format']],
  ['history --format ', ['table', 'csv', 'jsonl']],
  ['set ', ['tank-1', 'tank-2', 'climate-1', 'lamp-1']],
  ['set tank-1 pu', ['pump']],
  ['set --for 5s tank-1 pump sp', ['speed=']],
  ['acknowledge ', ['tank-1', 'lamp-1']],
  ['scan --config gateway.yaml --bus ma', ['main']],
  ['check --config ga', ['gateway.yaml']],
  ['backup --data fol', ['folder']],
  ['user --role ', ['viewer', 'operator', 'home-assistant']],
];

/** With the program on its path, and a configuration of the usual name. */
async function place(t: TestContext): Promise<{ cwd: string; env: NodeJS.ProcessEnv }> {
  const cwd = await temporaryFolder(t);
  const program = join(cwd, 'bin', 'i2c-mqtt-gateway');
  await mkdir(join(cwd, 'bin'));
  await mkdir(join(cwd, 'folder'));
  await writeFile(program, `#!/bin/sh\nexec '${execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(program, 0o755);
  await copyFile(exampleConfig, join(cwd, 'gateway.yaml'));
  const path = `${join(cwd, 'bin')}:${env['PATH'] ?? ''}`;
  return { cwd, env: { ...env, PATH: path, HOME: cwd, XDG_CONFIG_HOME: cwd, TERM: 'xterm' } };
}

function without(...programs: readonly string[]): string | false {
  const missing = programs.filter((name) => !isInstalled(name));
  return missing.length === 0
    ? false
    : `${missing.join(', ')} IS NOT INSTALLED. Completion in it was not tested.`;
}

/** Types at a shell of its own terminal, and waits for what it offers. */
async function atShell(t: TestContext, command: string, setUp: string, asked = ASKED): Promise<void> {
  const child = spawn('script', ['-qefc', command, '/dev/null'], { ...(await place(t)), stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stdin.write(`${setUp}; PS1='re''ady> '\n`);
  await until('the prompt', () => shown.includes('ready> '));
  for (const [typed, offered] of asked) {
    shown = '';
    // Ctrl-U takes away what the one before has left.
    child.stdin.write(`\u0015i2c-mqtt-gateway ${typed}\t\t`);
    await until(`${offered.join(', ')} behind "${typed}"`, () =>
      offered.every((word) => plain(shown).includes(word)),
    ).catch((cause: unknown) => {
      throw new Error(`behind "${typed}": ${JSON.stringify(shown)}`, { cause });
    });
  }
}

/** What was typed is never all of a word that is offered, so it stands here only where it was. */
function plain(shown: string): string {
  return stripVTControlCharacters(shown).replaceAll('\u0007', '').replaceAll('\b', '');
}

test('bash completes', { skip: without('bash', 'script') }, (t) =>
  atShell(
    t,
    'bash --norc --noprofile -i',
    "bind 'set enable-bracketed-paste off'; source <(i2c-mqtt-gateway completion bash)",
  ),
);

test('zsh completes', { skip: without('zsh', 'script') }, (t) =>
  atShell(
    t,
    'zsh -f -i',
    'autoload -U compinit; compinit -u -D; unsetopt zle_bracketed_paste; source <(i2c-mqtt-gateway completion zsh)',
  ),
);

test('zsh loads it where packages put it', { skip: without('zsh', 'script') }, (t) =>
  atShell(
    t,
    'zsh -f -i',
    'i2c-mqtt-gateway completion zsh >folder/_i2c-mqtt-gateway; fpath=($PWD/folder $fpath); autoload -U compinit; compinit -u -D',
    ASKED.slice(3, 5),
  ),
);

test('fish completes, and says what each is', { skip: without('fish') }, async (t) => {
  const { cwd, env: environment } = await place(t);
  const words = ASKED.map(([typed]) => `complete -C 'i2c-mqtt-gateway ${typed}'; echo ----`).join('\n');
  const script = `i2c-mqtt-gateway completion fish | source\n${words}`;
  const { stdout } = await run('fish', ['-c', script], { cwd, env: environment });
  const answers = stdout.split('----\n');
  for (const [index, [typed, offered]] of ASKED.entries()) {
    const lines = (answers[index] ?? '').split('\n').map((line) => line.split('\t')[0]?.replace(/\/$/, ''));
    assert.deepEqual(
      offered.filter((word) => !lines.includes(word)),
      [],
      `behind "${typed}": ${answers[index] ?? ''}`,
    );
  }
  assert.match(answers[3] ?? '', /^tank-1\tRain water$/m);
});
