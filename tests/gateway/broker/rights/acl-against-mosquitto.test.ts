// The same random ACL files before both brokers: whoever publishes whatever, by 3.1.1 or 5, the same messages reach the same
// clients.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import { Random } from '../../../support/random.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const SEED = 20_260_101;
const ACLS = 12;
const RULES = 25;
const PASSWORD = 'secret';

/** Names that mean something in an ACL file, where one may choose one's own name. */
const IDENTITIES = [
  { user: 'root', id: 'r' },
  { user: 'alice', id: 'a' },
  { user: 'bob b', id: 'b/c' },
  { user: '%c', id: '%u' },
  { user: 'plus+', id: 'c' },
  { user: 'ünï', id: 'id#1' },
  { user: undefined, id: 'b' },
] as const;

const LEVELS = ['a', 'b', 'c', '', 'alice', '%c', 'ünï'];
const PLACES = [...LEVELS, '+', '+', '%u', '%c'];

function topicOf(random: Random): string {
  const levels = Array.from({ length: 1 + random.int(3) }, () => random.of(LEVELS));
  const topic = `${random.int(6) === 0 ? '$d/' : ''}${levels.join('/')}`;
  return topic === '' ? 'a' : topic;
}

function ruleOf(random: Random): string {
  const levels = Array.from({ length: 1 + random.int(3) }, () => random.of(PLACES));
  if (random.int(4) === 0) levels.push('#');
  const filter = `${random.int(6) === 0 ? '$d/' : ''}${levels.join('/')}`;
  const kind = random.of(['topic', 'topic', 'pattern']);
  const access = random.of(['', 'read ', 'write ', 'readwrite ', 'deny ', 'read   ']);
  return `${random.of(['', '', ' '])}${kind} ${access}${filter === '' ? 'a' : filter}${random.of(['', ' ', '\r'])}`;
}

function aclOf(random: Random): string {
  const lines = ['# chance', ruleOf(random), ruleOf(random)];
  for (let rule = 0; rule < RULES; rule++) {
    if (rule % 4 === 0) lines.push('', `user ${random.of(IDENTITIES).user ?? 'alice'} `);
    lines.push(ruleOf(random));
  }
  return [...lines, 'user root', 'topic #', 'topic readwrite $d/#', ''].join('\n');
}

/** Everybody publishes every topic; who heard what of whom, in a fixed order. */
async function heard(
  t: TestContext,
  url: string,
  topics: readonly string[],
  protocolVersion: 4 | 5,
): Promise<string[]> {
  const clients = await Promise.all(
    IDENTITIES.map(async ({ user, id }) => {
      const credentials = user === undefined ? {} : { username: user, password: PASSWORD };
      const client = await connectClient(t, url, { protocolVersion, clientId: id, ...credentials });
      await client.mqtt.subscribeAsync(['#', '$d/#'], { qos: 1 }).catch(() => undefined);
      return { id, client };
    }),
  );
  // Who speaks MQTT 5 is told where it has no right.
  for (const { id, client } of clients)
    await Promise.allSettled(topics.map(async (topic) => client.publish(topic, id, { qos: 1 })));
  await Promise.all(clients.map(async ({ client }) => settled(client)));
  const lines = clients.flatMap(({ id, client }) =>
    client.received.map(({ topic, text }) => `${id} heard ${topic} of ${text}`),
  );
  await Promise.all(clients.map(async ({ client }) => client.mqtt.endAsync()));
  return lines.toSorted();
}

/** What was sent to the client before is here when the answers to its own questions are. */
async function settled(client: TestClient): Promise<void> {
  for (let round = 0; round < 3; round++) await client.mqtt.unsubscribeAsync('nothing');
}

void test('random ACL files let the same through as Mosquitto', { skip: withoutMosquitto }, async (t) => {
  const random = new Random(SEED);
  const folder = await temporaryFolder(t);
  const passwordFile = join(folder, 'passwords');
  const aclFile = join(folder, 'acl');
  const users = IDENTITIES.flatMap(({ user }) => user ?? []);
  const hashes = await Promise.all(
    users.map(async (user) => `${user}:${await makeHash(Buffer.from(PASSWORD))}`),
  );
  await writeFile(passwordFile, `${hashes.join('\n')}\n`);
  let checks = 0;
  let delivered = 0;
  for (let round = 0; round < ACLS; round++) {
    const acl = aclOf(random);
    await writeFile(aclFile, acl);
    const topics = [...new Set(Array.from({ length: 30 }, () => topicOf(random)))];
    const ours = await startBroker(t, {}, { passwordFile, aclFile, anonymous: true });
    const mosquitto = await startMosquitto(
      t,
      (port) =>
        `listener ${String(port)} 127.0.0.1\nallow_anonymous true\npassword_file ${passwordFile}\nacl_file ${aclFile}\n`,
    );
    const version = round % 2 === 0 ? 4 : 5;
    const mine = await heard(t, ours.url, topics, version);
    const theirs = await heard(t, mosquitto.url, topics, version);
    assert.deepEqual(mine, theirs, `seed ${String(SEED)}, round ${String(round)}:\n${acl}`);
    checks += IDENTITIES.length ** 2 * topics.length;
    delivered += mine.length;
    await mosquitto.kill();
    await ours.broker.stop();
    await ours.doorkeeper.stop();
  }
  t.diagnostic(
    `${String(checks)} checks of delivery or none against Mosquitto, ${String(delivered)} delivered`,
  );
  assert.ok(delivered > checks / 20 && delivered < checks / 2, 'chance must grant and deny');
});
