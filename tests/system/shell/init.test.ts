// Somebody begins: without a word, by options, and by questions at a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test, type TestContext } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';
import type { Mistake } from '../../../gateway/config/mistakes.js';
import { PROGRAM, runToEnd } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { isInstalled } from './is-installed.js';
import { until } from '../../support/waiting.js';

const withoutScript = isInstalled('script')
  ? false
  : 'script (bsdutils) IS NOT INSTALLED. The questions of init were not asked at a terminal.';

/** Runs it in the folder, with what is piped in; exit code and everything printed. */
async function inFolder(t: TestContext, cwd: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(execPath, [PROGRAM, 'init', ...args], { cwd, env });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
  return `${String(child.exitCode)} ${output}`;
}

test('a first file is sound, replaced only by --force, and nothing of what is refused is written', async (t) => {
  const folder = await temporaryFolder(t);
  assert.match(
    await inFolder(t, folder, []),
    /^0 gateway\.yaml is written\ngateway\.yaml is sound: .*1 device\.\n/,
  );
  const config = join(folder, 'gateway.yaml');
  const checked = async (): Promise<unknown> => {
    const { code, output } = await runToEnd(t, ['check', '--json', '--config', config]);
    return { code, ...(JSON.parse(output) as object) };
  };
  const bus = { id: 'main', path: '/dev/i2c-1', devices: 1, percent: 0.1 };
  const sound = { gateway: 'garden', devices: 1, buses: [bus], warnings: [] };
  assert.deepEqual(await checked(), { code: 0, file: config, sound: true, ...sound });
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('type: lamp', 'type: lump').replace('read: 4', 'read: 400'));
  const { mistakes, ...rest } = (await checked()) as { mistakes: Mistake[] };
  assert.deepEqual(rest, { code: 1, file: config, sound: false });
  assert.deepEqual(
    mistakes.map(({ line, path }) => [text.split('\n')[line - 1]?.trim().slice(0, 7), path]),
    [
      ['read: 4', 'types.lamp.samples[0].read'],
      ['lamp-1:', 'devices.lamp-1.type'],
    ],
  );
  await writeFile(join(folder, 'gateway.yaml'), 'mine');
  assert.match(await inFolder(t, folder, []), /^1 bad_argument: gateway\.yaml is there already/);
  for (const wrong of [
    ['--bus', '/dev/ttyS0'],
    ['--mqtt-port', '8080'],
    ['--host', '0.0.0.0', '--user', 'a:b'],
    ['--host', '0.0.0.0', '--user', 'anna'],
  ])
    assert.match(
      await inFolder(t, folder, ['new.yaml', ...wrong]),
      /^1 (config_invalid|bad_argument): /,
      wrong.join(),
    );
  assert.equal(await readFile(join(folder, 'gateway.yaml'), 'utf8'), 'mine');
  assert.deepEqual(await readdir(folder), ['gateway.yaml']);
  assert.match(await inFolder(t, folder, ['--force']), /^0 /);
  assert.equal(await readFile(join(folder, 'gateway.yaml'), 'utf8'), text);
});

test('by options: a real bus, a user with a password that is piped in, and MongoDB in a file of its own', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, '.env'), 'OTHER=1\n');
  const options = ['--bus', '/dev/i2c-1', '--device', '0x20', '0x21', '--host', '0.0.0.0', '--user', 'anna'];
  const mongodb = ['--mongodb', 'mongodb://anna:secret@db/i2c'];
  const output = await inFolder(t, folder, ['my.yaml', ...options, ...mongodb], 'correct horse\n');
  assert.match(output, /^0 [\s\S]*my\.yaml is sound: gateway garden, 2 devices\.\n/);
  assert.doesNotMatch(output, /secret/);
  assert.equal(
    await readFile(join(folder, '.env'), 'utf8'),
    'OTHER=1\nMONGODB_URI="mongodb://anna:secret@db/i2c"\n',
  );
  assert.equal((await stat(join(folder, 'passwords'))).mode & 0o777, 0o600);
  assert.match(
    await inFolder(t, folder, ['b.yaml', ...mongodb]),
    /^1 bad_argument: \.env has a MONGODB_URI already/,
  );
});

test(
  'by questions at a terminal; Ctrl-C ends them and nothing is written',
  { skip: withoutScript },
  async (t) => {
    const folder = await temporaryFolder(t);
    const typing = async (answers: readonly (readonly [string, string])[]): Promise<string> => {
      const command = `'${execPath}' '${PROGRAM}' init my.yaml`;
      const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: folder, env });
      t.after(() => child.kill('SIGKILL'));
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      const closed = once(child, 'close');
      for (const [question, answer] of answers) {
        await until(`${question} in ${shown}`, () => shown.includes(question));
        child.stdin.write(`${answer}\r`);
      }
      await closed;
      return `${String(child.exitCode)} ${shown}`;
    };
    assert.match(await typing([['A name', 'hut\r\u0003']]), /^1 [\s\S]*broken off; nothing was written/);
    assert.deepEqual(await readdir(folder), []);
    const done = await typing([
      ['A name', 'hut'],
      ['The bus', 'simulated'],
      ['Address of a MongoDB', ''],
      ['The data folder', ''],
      ['Port of the MQTT', '1884'],
      ['Port of the page', ''],
      ['Shall other machines', ''],
    ]);
    assert.match(done, /^0 [\s\S]*my\.yaml is sound: gateway hut, 1 device\./);
    const config = parseConfig(await readFile(join(folder, 'my.yaml'), 'utf8'), 'my.yaml');
    assert.deepEqual([config.gateway, config.mqtt.port, config.http.port], ['hut', 1884, 8080]);
  },
);
