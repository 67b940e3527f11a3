// What the program prints when whoever reads it, or the environment, is not as expected.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { exampleFile, PROGRAM, runProgram, runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const run = promisify(execFile);

test('a word that is no command is named, not told to be one too many', async (t) => {
  const { code, output } = await runToEnd(t, ['strat']);
  assert.deepEqual(
    [code, output],
    [1, "error: 'strat' is not a command. Did you mean start?\n(--help tells what can be typed)\n"],
  );
});

test('an option of history that makes no sense is said in one line', async (t) => {
  for (const [limit, why] of [
    ['many', '--limit is a whole number, not "many"\\.'],
    ['0', 'limit: must be at least 1, not 0'],
    ['99999', 'limit: must be at most 10000, not 99999'],
  ] as const) {
    const { code, output } = await runToEnd(t, ['history', 'tank-1', '--limit', limit]);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`^bad_argument: ${why}\n$`));
  }
});

test('a reader that has seen enough, as head has, ends history without a word', async (t) => {
  const gateway = await startGateway(t);
  await until('something recorded', () => gateway.output().includes('the store takes samples'));
  // `true` ends without reading, long before Node has even started.
  const line = '"$0" "$1" history tank-1 --data "$2" | true; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = await run('bash', ['-c', line, execPath, PROGRAM, gateway.dataDir]);
  assert.deepEqual([stdout, stderr], ['0\n', '']);
});

test('a gateway whose terminal is gone works on', async (t) => {
  const gateway = await startGateway(t);
  gateway.child.stdout?.destroy();
  gateway.child.stderr?.destroy();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/device/lamp-1/reply/dim');
  // Each of them is a line in the log, which nobody reads.
  for (const count of [1, 2, 3]) {
    await client.publish('iot/greenhouse/device/lamp-1/command/dim', String(count), { qos: 1 });
    assert.match((await client.texts(count)).at(-1) ?? '', /"done"/);
  }
});

test('Ctrl-C during the start is an orderly end, not an error', async (t) => {
  const args = ['start', '--simulate', '--config', await exampleFile(t), '--data', await temporaryFolder(t)];
  const { child, output } = runProgram(t, args);
  const closed = once(child, 'close');
  await until('the store to open', () => output().includes('store opened'));
  child.kill('SIGINT');
  await closed;
  assert.doesNotMatch(output(), /^closed: /m);
  assert.equal(child.exitCode, 0);
});

test('an empty MONGODB_URI or MQTT_URL means none, as it does in container files', async (t) => {
  const gateway = await startGateway(t, { env: { MONGODB_URI: '', MQTT_URL: '' } });
  assert.match(gateway.mqttUrl, /^mqtt:/);
});

test('a folder .env is passed over; a file .env that cannot be read is said', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, '.env'));
  assert.match((await run(execPath, [PROGRAM, 'check'], { cwd })).stdout, /is sound/);
  await rmdir(join(cwd, '.env'));
  // A symbolic link to itself: also root, for whom permissions don't count, can't read it.
  await symlink('.env', join(cwd, '.env'));
  await assert.rejects(run(execPath, [PROGRAM, 'check'], { cwd }), {
    code: 1,
    stderr: /^config_unreadable: The file \.env cannot be read: .*\n$/,
  });
});
