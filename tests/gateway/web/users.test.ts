// The page, the API and MQTT over WebSocket know the same users and rights as MQTT.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../../gateway/broker/rights/roles.js';
import { HttpAccess } from '../../../gateway/web/access.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startWebFor, type TestWeb } from '../../support/web-server.js';

const COMMAND = '/api/device/lamp/command/dim';
const HISTORY = '/api/history?device=lamp&last=1m';

async function startWorld(t: TestContext): Promise<TestWeb & { readonly commands: string[] }> {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(passwordFile, ['vera', 'otto', 'probe'].map((user) => `${user}:${hash}\n`).join(''));
  const roles = [
    ...linesOf('viewer', 'vera', TOPICS),
    ...linesOf('operator', 'otto', TOPICS),
    ...linesOf('device', 'probe', TOPICS),
  ];
  await writeFile(aclFile, roles.join('\n'));
  const broker = await startBroker(t, {}, { passwordFile, aclFile, anonymous: false });
  const commands: string[] = [];
  const web = await startWebFor(t, broker, {
    access: new HttpAccess(broker.doorkeeper, TOPICS),
    api: {
      command: async (device, name) => {
        commands.push(`${device} ${name}`);
        return Promise.resolve({ id: 'x', status: 'done', ts: 0, ms: 0 });
      },
      history: async () => Promise.resolve({ device: 'x', from: 0, to: 0, samples: [], truncated: false }),
      logbook: async () => Promise.resolve({ entries: [] }),
      request: async (op) => Promise.resolve({ op }),
    },
  });
  return { ...web, commands };
}

function gatewayOf(root: string): string {
  return root.split('/')[1] ?? '';
}

function basic(user: string, password = 'secret'): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

void test('without a user everything but /healthz asks for one', async (t) => {
  const { page, log } = await startWorld(t);
  for (const path of ['/', '/page/facts.json', HISTORY, '/nothing']) {
    const response = await fetch(page + path);
    assert.equal(response.status, 401, path);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  }
  assert.equal((await fetch(`${page}${COMMAND}`, { method: 'POST', body: '1' })).status, 401);
  assert.equal((await fetch(`${page}/healthz`)).status, 200);
  assert.equal((await fetch(`${page}/`, { headers: basic('vera', 'guess') })).status, 401);
  assert.equal(log.saying('refused a login over HTTP')[0]?.fields['user'], 'vera');
});

void test('a wrong password counts for its address wherever it is tried, and the log names who', async (t) => {
  const { page, url, webSocketUrl, doorkeeper, log } = await startWorld(t);
  const wrong = { headers: basic('otto', 'guess') };
  assert.equal((await fetch(page, wrong)).status, 401);
  await assert.rejects(connectClient(t, url, { username: 'otto', password: 'guess' }), { code: 5 });
  await assert.rejects(connectClient(t, webSocketUrl, { wsOptions: wrong }), { code: 5 });
  const { failed, unheard, failingAddresses, addresses } = doorkeeper.logins();
  assert.deepEqual([failed, unheard, failingAddresses], [3, 0, 1]);
  assert.deepEqual([Object.keys(addresses), addresses['127.0.0.1']?.failures], [['127.0.0.1'], 3]);
  await doorkeeper.stop();
  assert.deepEqual(
    log.saying('refused a login').map(({ fields: { user, address, failures } }) => [user, address, failures]),
    [1, 2, 3].map((failures) => ['otto', '127.0.0.1', failures]),
  );
  assert.match(log.saying('refused a login').at(-1)?.message ?? '', /login: wrong .* \(once more since\)$/);
});

void test('commands and history over HTTP need the rights they need over MQTT', async (t) => {
  const { page, commands } = await startWorld(t);
  const status = async (user: string, path: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(page + path, { ...init, headers: basic(user) })).status;
  const post = { method: 'POST', body: '1' };
  assert.equal(await status('vera', '/page/facts.json'), 200);
  assert.equal(await status('vera', COMMAND, post), 403);
  assert.equal(await status('vera', HISTORY), 200);
  assert.equal(await status('otto', COMMAND, post), 200);
  assert.equal(await status('probe', HISTORY), 403);
  assert.equal(await status('vera', `${HISTORY}&gateway=${gatewayOf(TOPICS.root)}`), 200);
  // What another gateway measured is in the same MongoDB, and somebody else's to read.
  assert.equal(await status('vera', `${HISTORY}&gateway=barn`), 403);
  assert.deepEqual(commands, ['lamp dim']);
});

void test('over WebSocket a user is let in by CONNECT, or by the login of the page it came from', async (t) => {
  const { webSocketUrl } = await startWorld(t);
  await assert.rejects(connectClient(t, webSocketUrl), { code: 5 });
  await connectClient(t, webSocketUrl, { username: 'vera', password: 'secret' });
  const page = await connectClient(t, webSocketUrl, { wsOptions: { headers: basic('vera') } });
  await page.subscribe(`${TOPICS.root}/#`);
  await assert.rejects(page.subscribe('$SYS/#'));
});
