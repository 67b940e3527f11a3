// The real program as systemd starts it: told when it is ready, reloads and stops; watched; its lines with priorities.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test } from 'node:test';
import { exampleFile, PROGRAM, runToEnd } from '../../support/gateway-process.js';
import { openNotifySocket, withoutSystemd } from '../../support/notify-socket.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

void test(
  'systemd is told of its life, and its journal gets priorities and no banner',
  { skip: withoutSystemd },
  async (t) => {
    const [socket, folder] = [await openNotifySocket(t), await temporaryFolder(t)];
    const printed = await open(join(folder, 'printed'), 'w+');
    t.after(() => printed.close());
    const { dev, ino } = await printed.stat();
    const child = spawn(
      execPath,
      [PROGRAM, 'start', '--simulate', '--config', await exampleFile(t), '--data', join(folder, 'data')],
      {
        stdio: ['ignore', printed.fd, 'inherit'],
        env: {
          ...env,
          NOTIFY_SOCKET: socket.path,
          WATCHDOG_USEC: '3000000',
          JOURNAL_STREAM: `${String(dev)}:${String(ino)}`,
        },
      },
    );
    t.after(() => child.kill('SIGKILL'));
    const has = (word: string, times = 1): boolean =>
      socket.said().filter((words) => words.startsWith(word)).length >= times;
    await until('it is ready', () => has('READY=1'));
    await until('the watchdog is fed again', () => has('WATCHDOG=1', 2));
    child.kill('SIGHUP');
    await until('it is ready again', () => has('READY=1', 2));
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
    assert.equal(child.exitCode, 0);
    await until('it stops', () => has('STOPPING=1'));
    const said = socket.said().filter((words) => !words.startsWith('WATCHDOG'));
    assert.deepEqual(
      said.map((words) => words.split('=')[0]),
      ['READY', 'RELOADING', 'READY', 'STOPPING'],
    );
    const lines = (await readFile(join(folder, 'printed'), 'utf8')).trimEnd().split('\n');
    assert.ok(lines.length > 3);
    for (const line of lines) assert.match(line, /^<[3467]>\S/);
  },
);

void test('service print: a unit for what is here, and a sentence for what is not', async (t) => {
  const config = await exampleFile(t);
  const { code, output } = await runToEnd(t, [
    'service',
    'print',
    '--config',
    config,
    '--user',
    'greenhouse',
  ]);
  assert.equal(code, 0);
  assert.match(output, /^User=greenhouse$/m);
  assert.ok(output.includes(`start --config ${config} --data /var/lib/i2c-mqtt-gateway\n`), output);
  const refused = [
    await runToEnd(t, ['service', 'print', '--config', `${config}.not`]),
    await runToEnd(t, ['service', 'print', '--config', config, '--user', 'x\nExecStart=/bin/sh']),
  ];
  assert.deepEqual(
    refused.map((run) => [run.code, run.output.split(':')[0]]),
    [
      [1, 'config_unreadable'],
      [1, 'config_invalid'],
    ],
  );
});

void test('service install --dry-run: every step in words, and nothing else', async (t) => {
  const config = await exampleFile(t);
  const { code, output } = await runToEnd(t, ['service', 'install', '--config', config, '--dry-run']);
  assert.equal(code, 0);
  const steps = output.split('\n').filter((line) => line.startsWith('would: '));
  assert.match(
    steps.join('\n'),
    /runuser .* check --config .*\n(.*\n)?would: write .*\n.*daemon-reload\n.*enable --now/,
  );
});
