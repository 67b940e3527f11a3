// The page, the API and MQTT over WebSocket know the same users and rights as MQTT.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash, parseHash } from '../../../gateway/broker/rights/password-hash.js';
import { withToken } from '../../../gateway/broker/rights/token-file.js';
import { makeToken } from '../../../gateway/broker/rights/tokens.js';
import { linesOf } from '../../../gateway/broker/rights/roles.js';
import type { DeviceSaid } from '../../../bridge/polling/said.js';
import { HttpAccess } from '../../../gateway/web/access.js';
import type { PageFacts } from '../../../gateway/web/facts.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startWebFor, type TestWeb } from '../../support/web-server.js';

const COMMAND = '/api/device/lamp/command/dim';
const DEVICES = '/api/devices';
const HISTORY = '/api/history?device=lamp&last=1m';

async function startWorld(
  t: TestContext,
): Promise<TestWeb & { readonly commands: string[]; readonly token: string }> {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(
    passwordFile,
    ['vera', 'otto', 'probe', 'nosy'].map((user) => `${user}:${hash}\n`).join(''),
  );
  const roles = [
    ...linesOf('viewer', 'vera', TOPICS),
    ...linesOf('operator', 'otto', TOPICS),
    ...linesOf('device', 'probe', TOPICS),
  ];
  const partly = ['user nosy', 'lamp/state', 'lamp/availability', 'shed/state'].map((what, index) =>
    index === 0 ? what : `topic read ${TOPICS.root}/device/${what}`,
  );
  await writeFile(aclFile, [...roles, ...partly].join('\n'));
  const parsed = parseHash(hash);
  assert.ok('kind' in parsed);
  const { token, known } = makeToken('vera', parsed, '2026-11-28');
  const tokenFile = join(folder, 'tokens');
  await writeFile(tokenFile, withToken('', known));
  const broker = await startBroker(t, {}, { passwordFile, aclFile, tokenFile, anonymous: false });
  const commands: string[] = [];
  const web = await startWebFor(t, broker, {
    access: new HttpAccess(broker.doorkeeper, TOPICS),
    commandNames: () => new Map([['lamp', ['dim']]]),
    api: {
      command: async (device, name) => {
        commands.push(`${device} ${name}`);
        return Promise.resolve({ id: 'x', status: 'done', ts: 0, ms: 0 });
      },
      history: async () => Promise.resolve({ device: 'x', from: 0, to: 0, samples: [], truncated: false }),
      openApi: () => ({}),
      devices: () => new Map(['lamp', 'tank'].map((id) => [id, saidBy(id)])),
      logbook: async () => Promise.resolve({ entries: [] }),
      request: async (op) => Promise.resolve({ op }),
    },
  });
  return { ...web, commands, token };
}

function saidBy(id: string): DeviceSaid {
  const meta = { ...{ id, type: 'x', label: id, bus: 'main', address: '0x18' }, fields: {}, commands: {} };
  return { meta: { ...meta, intervalsMs: [] }, availability: null, state: { ts: 1, values: {} } };
}

function gatewayOf(root: string): string {
  return root.split('/')[1] ?? '';
}

function basic(user: string, password = 'secret'): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

void test('without a user everything but /healthz asks for one', async (t) => {
  const { page, log } = await startWorld(t);
  for (const path of [DEVICES, HISTORY, '/metrics', '/page/facts.js', '/nothing']) {
    const response = await fetch(page + path);
    assert.equal(response.status, 401, path);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  }
  assert.equal((await fetch(`${page}${COMMAND}`, { method: 'POST', body: '1' })).status, 401);
  assert.equal((await fetch(`${page}/healthz`)).status, 200);
  assert.equal((await fetch(`${page}/page/facts.json`, { headers: basic('vera', 'guess') })).status, 401);
  // The page itself is no secret: it asks who is there. What the gateway is it tells to who was let in.
  assert.equal((await fetch(page)).status, 200);
  assert.deepEqual(await (await fetch(`${page}/page/facts.json`)).json(), { needsUser: true });
  assert.equal(log.saying('refused a login over HTTP')[0]?.fields['user'], 'vera');
});

void test('a wrong password counts for its address wherever it is tried, and the log names who', async (t) => {
  const { page, url, webSocketUrl, doorkeeper, log } = await startWorld(t);
  const wrong = { headers: basic('otto', 'guess') };
  assert.equal((await fetch(page + HISTORY, wrong)).status, 401);
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
  const facts = async (user: string): Promise<unknown> =>
    (await fetch(`${page}/page/facts.json`, { headers: basic(user) })).json();
  const { user, refusedCommands, requests } = (await facts('vera')) as PageFacts;
  assert.deepEqual([user, refusedCommands, requests], ['vera', [TOPICS.command('lamp', 'dim')], []]);
  const otto = (await facts('otto')) as PageFacts;
  assert.deepEqual(
    [otto.refusedCommands, otto.requests],
    [[], ['logbook', 'scan', 'acknowledge', 'add_device']],
  );
  // Who does not see that there is a lamp does not hear what it is told.
  const nosy = (await facts('nosy')) as PageFacts;
  assert.deepEqual(nosy.refusedCommands, []);
  assert.equal(await status('vera', COMMAND, post), 403);
  assert.equal(await status('vera', HISTORY), 200);
  assert.equal(await status('otto', COMMAND, post), 200);
  assert.equal(await status('probe', HISTORY), 403);
  assert.equal(await status('vera', `${HISTORY}&gateway=${gatewayOf(TOPICS.root)}`), 200);
  // What another gateway measured is in the same MongoDB, and somebody else's to read.
  assert.equal(await status('vera', `${HISTORY}&gateway=barn`), 403);
  assert.deepEqual(commands, ['lamp dim']);
});

void test('a token is its user’s with his rights, and a wrong one counts as a wrong password does', async (t) => {
  const { page, doorkeeper, log, token } = await startWorld(t);
  const status = async (given: string, path: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(page + path, { ...init, headers: { authorization: `Bearer ${given}` } })).status;
  assert.equal(await status(token, HISTORY), 200);
  assert.equal(await status(token, COMMAND, { method: 'POST', body: '1' }), 403);
  assert.equal(await status(token.replace(/.{8}$/, 'AAAAAAAA'), HISTORY), 401);
  assert.equal(doorkeeper.logins().failed, 1);
  const [line] = log.saying('refused a login over HTTP');
  assert.equal(line?.fields['user'], `token ${token.split('_')[1] ?? ''}`);
  // Another's is none of ours, as ever.
  assert.equal(await status('eyJhbGciOi.x.y', HISTORY), 401);
  assert.equal(doorkeeper.logins().failed, 1);
});

void test('of devices everybody sees what the retained topics show him, and hears of no other', async (t) => {
  const { page } = await startWorld(t);
  const get = async (user: string, path = ''): Promise<[number, unknown]> => {
    const response = await fetch(page + DEVICES + path, { headers: basic(user) });
    return [response.status, await response.json()];
  };
  const refused = async (user: string, id: string): Promise<[number, string]> => {
    const [status, body] = await get(user, `/${id}`);
    return [status, (body as { error: { message: string } }).error.message];
  };
  const [lamp, tank] = ['lamp', 'tank'].map((id) => ({ id, ...saidBy(id) }));
  assert.deepEqual(await get('vera'), [200, { devices: [lamp, tank] }]);
  assert.deepEqual(await get('vera', '/tank'), [200, tank]);
  assert.deepEqual(await refused('vera', 'tamk'), [404, 'No device tamk is configured. Did you mean tank?']);
  assert.match((await refused('vera', 'xyz'))[1], /GET \/api\/devices lists them/);
  const partly = { id: 'lamp', availability: null, state: lamp?.state };
  assert.deepEqual(await get('nosy'), [200, { devices: [partly] }]);
  assert.deepEqual(await get('nosy', '/lamp'), [200, partly]);
  for (const id of ['tank', 'tamk'])
    assert.deepEqual(await refused('nosy', id), [403, 'This user may not read this device.']);
  assert.deepEqual(await refused('nosy', 'shed'), [
    404,
    'No device shed is configured. GET /api/devices lists them.',
  ]);
  assert.deepEqual(await get('probe'), [200, { devices: [] }]);
});

void test('over WebSocket a user is let in by CONNECT, or by the login of the page it came from', async (t) => {
  const { webSocketUrl } = await startWorld(t);
  await assert.rejects(connectClient(t, webSocketUrl), { code: 5 });
  await connectClient(t, webSocketUrl, { username: 'vera', password: 'secret' });
  const page = await connectClient(t, webSocketUrl, { wsOptions: { headers: basic('vera') } });
  await page.subscribe(`${TOPICS.root}/#`);
  await assert.rejects(page.subscribe('$SYS/#'));
});
