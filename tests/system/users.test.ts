// From nothing to users: passwords and roles made at a shell, a gateway that keeps strangers out, and files that change.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { exampleFile, runToEnd, startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { typePassword } from '../support/typed-password.js';
import { until, untilAsync } from '../support/waiting.js';

void test('users are made at a shell, let in, and let out again without a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const users = Object.fromEntries(
    ['password', 'acl', 'token'].map((kind) => [`${kind}_file`, join(folder, `${kind}s`)]),
  );
  const change = (config: Record<string, unknown>): void => {
    config['users'] = users;
  };
  const config = await exampleFile(t, change);
  assert.match(await typePassword(t, 'alice', config, 'secret'), /^0 .*alice has a new password/);
  assert.match(await typePassword(t, 'bad:name', config, 'secret'), /^1 bad_argument: /);
  assert.match(await typePassword(t, 'bob', config, ''), /^1 bad_argument: The password is empty/);
  const made = await runToEnd(t, ['user', 'alice', '--role', 'operator', '--config', config]);
  assert.equal(made.code, 0, made.output);
  const tokens = [await tokenOf(t, 'alice', config), await tokenOf(t, 'alice', config)];
  assert.match((await runToEnd(t, ['token', 'bob', '--config', config])).output, /^bad_argument: Nobody is/);
  const wrong = await runToEnd(t, ['user', 'alice', '--role', 'boss', '--config', config]);
  assert.match(wrong.output, /--role cannot be 'boss'; there are: viewer, operator/);
  assert.equal((await stat(users['password_file'] ?? '')).mode & 0o777, 0o600);
  assert.match(
    await readFile(users['acl_file'] ?? '', 'utf8'),
    /^user alice\ntopic read iot\/greenhouse\/#\n/,
  );

  const gateway = await startGateway(t, { change });
  const by = async (token = ''): Promise<number> =>
    (await fetch(`${gateway.pageUrl}api/devices`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.deepEqual(await Promise.all(tokens.map(by)), [200, 200]);
  const [first = '', second = ''] = tokens;
  const [, id = ''] = first.split('_');
  assert.match(
    (await runToEnd(t, ['token', 'alice', '--list', '--config', config])).output,
    new RegExp(`^id +made\n${id}  `),
  );
  const listed = await runToEnd(t, ['token', 'alice', '--list', '--json', '--config', config]);
  assert.equal((JSON.parse(listed.output) as { id: string }[])[0]?.id, id);
  assert.equal((await runToEnd(t, ['token', 'alice', '--delete', id, '--config', config])).code, 0);
  await untilAsync('the token taken back to be nobody’s', async () => (await by(first)) === 401);
  assert.equal(await by(second), 200);
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
  assert.equal(await by(second), 401);
  assert.doesNotMatch(await readFile(users['token_file'] ?? '', 'utf8'), /alice/);
  assert.ok(![first, second].some((token) => gateway.output().includes(token.split('_').slice(2).join('_'))));
  assert.equal(await gateway.end('SIGTERM'), 0);
});

async function tokenOf(t: TestContext, user: string, config: string): Promise<string> {
  const { code, output } = await runToEnd(t, ['token', user, '--config', config]);
  assert.equal(code, 0, output);
  return /^igw_\S+$/m.exec(output)?.[0] ?? '';
}

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
