// From nothing to users: passwords and roles made at a shell, a gateway that keeps strangers out, and files that change.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleFile, runToEnd, startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { typePassword } from '../support/typed-password.js';
import { until } from '../support/waiting.js';

void test('users are made at a shell, let in, and let out again without a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const users = { password_file: join(folder, 'passwords'), acl_file: join(folder, 'acl') };
  const change = (config: Record<string, unknown>): void => {
    config['users'] = users;
  };
  const config = await exampleFile(t, change);
  assert.match(await typePassword(t, 'alice', config, 'secret'), /^0 .*alice has a new password/);
  assert.match(await typePassword(t, 'bad:name', config, 'secret'), /^1 bad_argument: /);
  assert.match(await typePassword(t, 'bob', config, ''), /^1 bad_argument: The password is empty/);
  const made = await runToEnd(t, ['user', 'alice', '--role', 'operator', '--config', config]);
  assert.equal(made.code, 0, made.output);
  const wrong = await runToEnd(t, ['user', 'alice', '--role', 'boss', '--config', config]);
  assert.match(wrong.output, /bad_argument: --role is one of viewer, operator/);
  assert.equal((await stat(users.password_file)).mode & 0o777, 0o600);
  assert.match(await readFile(users.acl_file, 'utf8'), /^user alice\ntopic read iot\/greenhouse\/#\n/);

  const gateway = await startGateway(t, { change });
  await assert.rejects(connectClient(t, gateway.mqttUrl), { code: 5 });
  const alice = await connectClient(t, gateway.mqttUrl, { username: 'alice', password: 'secret' });
  await alice.subscribe('iot/#', 1);
  await alice.publish('iot/greenhouse/device/lamp-1/command/dim', '128', { qos: 1 });
  const reply = await alice.message('iot/greenhouse/device/lamp-1/reply/dim');
  assert.match(reply.text, /"status":"done"/);
  assert.equal((await fetch(`${gateway.pageUrl}api/history?device=lamp-1`)).status, 401);

  // Nothing has changed that the look at the files could have seen.
  gateway.child.kill('SIGHUP');
  await until('SIGHUP is heard', () => gateway.output().includes('users and rights were read again'));
  const deleted = await runToEnd(t, ['user', 'alice', '--delete', '--config', config]);
  assert.equal(deleted.code, 0, deleted.output);
  await until('alice is let out', () => !alice.mqtt.connected);
  assert.equal(await gateway.end('SIGTERM'), 0);
});

void test('beyond this machine nothing opens without users, and the message says what to do', async (t) => {
  for (const section of ['mqtt', 'http'] as const) {
    const config = await exampleFile(t, (example) => {
      example[section] = { host: '0.0.0.0', port: 0 };
    });
    const { code, output } = await runToEnd(t, ['check', '--config', config]);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`${section}\\.host: reaches beyond this machine.*users\\.password_file`));
  }
});
