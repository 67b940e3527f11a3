// Mosquitto with mosquitto.conf in the embedded broker's place, with the very files that the gateway's commands have made:
// the same people may do the same.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { withPassword } from '../../../gateway/broker/rights/password-file.js';
import { linesOf, withUser, type Role } from '../../../gateway/broker/rights/roles.js';
import { Topics } from '../../../shared/topics.js';
import { runToEnd, startGateway, type GatewayProcess } from '../../support/gateway-process.js';
import { withoutMosquitto, type Mosquitto } from '../../support/mqtt/mosquitto.js';
import { startByConf, type UsersFiles } from '../../support/mqtt/mosquitto-conf.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const TOPICS = new Topics('iot', 'greenhouse');
const USERS: readonly (readonly [string, Role])[] = [
  ['greenhouse', 'gateway'],
  ['otto', 'operator'],
  ['vera', 'viewer'],
];

async function makeUsers(t: TestContext): Promise<UsersFiles> {
  const folder = await temporaryFolder(t);
  const files = { passwordFile: join(folder, 'passwords'), aclFile: join(folder, 'acl') };
  const hash = await makeHash(Buffer.from('secret'));
  let [passwords, acl] = ['', ''];
  for (const [user, role] of USERS) {
    passwords = withPassword(passwords, user, hash);
    acl = withUser(acl, user, linesOf(role, user, TOPICS));
  }
  await writeFile(files.passwordFile, passwords);
  await writeFile(files.aclFile, acl);
  return files;
}

interface World {
  readonly mosquitto: Mosquitto & { readonly webSocketUrl: string };
  readonly gateway: GatewayProcess;
  readonly as: (user: string, url?: string) => Promise<TestClient>;
}

async function startWorld(t: TestContext): Promise<World> {
  const users = await makeUsers(t);
  const mosquitto = await startByConf(t, users);
  const gateway = await startGateway(t, {
    args: ['--no-broker'],
    env: { MQTT_URL: mosquitto.url.replace('mqtt://', 'mqtt://greenhouse:secret@') },
    change: (config) => {
      config['users'] = { password_file: users.passwordFile, acl_file: users.aclFile };
    },
  });
  const as = async (username: string, url = mosquitto.url): Promise<TestClient> =>
    connectClient(t, url, { username, password: 'secret' });
  return { mosquitto, gateway, as };
}

void test(
  'commands, rights and records are as with the embedded broker',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, as } = await startWorld(t);
    await assert.rejects(connectClient(t, mosquitto.url), { code: 5 });
    const [operator, viewer] = [await as('otto'), await as('vera')];
    for (const client of [operator, viewer]) await client.subscribe(`${TOPICS.root}/#`, 1);
    const dim = TOPICS.command('lamp-1', 'dim');
    await viewer.publish(dim, '{"id":"no","args":{"level":1}}', { qos: 1 });
    await operator.publish(dim, '{"id":"yes","args":{"level":200}}', { qos: 1 });
    await viewer.message(TOPICS.reply('lamp-1', 'dim'));
    await until('a sample that shows it', () =>
      viewer.received.some(
        ({ topic, text }) => topic === TOPICS.telemetry('lamp-1') && text.includes('"level":200'),
      ),
    );
    const replies = viewer.received.filter(({ topic }) => topic === TOPICS.reply('lamp-1', 'dim'));
    assert.deepEqual(
      replies.map(({ text }) => (JSON.parse(text) as { id: string }).id),
      ['yes'],
    );
    assert.equal(await gateway.end('SIGTERM'), 0);
    await until('status offline', () =>
      operator.received.some(({ topic, text }) => topic === TOPICS.status && text.includes('"offline"')),
    );
    const { output } = await runToEnd(t, [
      'history',
      'lamp-1',
      '--format',
      'jsonl',
      '--data',
      gateway.dataDir,
    ]);
    assert.match(output, /"level":200/);
  },
);

void test(
  'a browser comes in by either WebSocket, with the same name and rights',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, as } = await startWorld(t);
    for (const url of [mosquitto.webSocketUrl, gateway.webSocketUrl]) {
      await assert.rejects(connectClient(t, url), { code: 5 }, url);
      const viewer = await as('vera', url);
      await viewer.subscribe(`${TOPICS.root}/#`, 1);
      await viewer.message(TOPICS.state('lamp-1'));
    }
    const authorization = `Basic ${Buffer.from('vera:secret').toString('base64')}`;
    const post = { method: 'POST', body: '128', headers: { authorization } };
    assert.equal((await fetch(`${gateway.pageUrl}api/device/lamp-1/command/dim`, post)).status, 403);
  },
);

void test(
  'the gateway killed is said to be offline, and Mosquitto restarted has what was retained',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, as } = await startWorld(t);
    const viewer = await as('vera');
    await viewer.subscribe(TOPICS.status, 1);
    await gateway.end('SIGKILL');
    await until('the will', () => viewer.received.at(-1)?.text.includes('"offline"'));
    await mosquitto.stop();
    await mosquitto.start();
    const again = await as('vera');
    await again.subscribe(`${TOPICS.root}/#`, 1);
    assert.match((await again.message(TOPICS.status)).text, /"offline"/);
    await again.message(TOPICS.meta('lamp-1'));
  },
);
