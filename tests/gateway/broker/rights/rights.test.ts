// Users and rights on the embedded broker: at connect, subscribe, publish and delivery, and when the files change.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { linesOf } from '../../../../gateway/broker/rights/roles.js';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { startBroker, TOPICS, type TestBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient, NOT_AUTHORIZED, type TestClient } from '../../../support/mqtt/client.js';
import { openRawClient, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

interface World extends TestBroker {
  readonly passwordFile: string;
  readonly aclFile: string;
  readonly as: (user: string, options?: object) => Promise<TestClient>;
}

const ACL = [
  ...linesOf('viewer', 'vera', TOPICS),
  ...linesOf('operator', 'otto', TOPICS),
  ...linesOf('recorder', 'rita', TOPICS),
  ...linesOf('device', 'probe-7', TOPICS),
  '',
].join('\n');

async function startWorld(t: TestContext, acl = ACL): Promise<World> {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  const users = ['vera', 'otto', 'rita', 'probe-7'];
  await writeFile(passwordFile, users.map((user) => `${user}:${hash}\n`).join(''));
  await writeFile(aclFile, acl);
  const started = await startBroker(t, {}, { passwordFile, aclFile, anonymous: false });
  const as = async (username: string, options: object = {}): Promise<TestClient> =>
    connectClient(t, started.url, { username, password: 'secret', ...options });
  return { ...started, passwordFile, aclFile, as };
}

void test('without a name, and with a wrong password, nobody gets in, and the log has user and address', async (t) => {
  const { broker, log, url, as } = await startWorld(t);
  await assert.rejects(connectClient(t, url), { code: NOT_AUTHORIZED });
  await assert.rejects(as('vera', { password: 'guess', clientId: 'thief' }), { code: NOT_AUTHORIZED });
  assert.equal(broker.stats().refusedLogins, 2);
  const [line] = log.saying('wrong user or password');
  assert.deepEqual(
    [line?.fields['client'], line?.fields['user'], line?.fields['address']],
    ['thief', 'vera', '127.0.0.1'],
  );
  await as('vera');
});

void test('a denied command is answered with forbidden and does not reach the gateway', async (t) => {
  const { broker, as } = await startWorld(t);
  const reached: string[] = [];
  await broker.bus.subscribe(TOPICS.everyCommand, 1, ({ payload }) =>
    reached.push(Buffer.from(payload).toString()),
  );
  const [viewer, operator] = [await as('vera'), await as('otto')];
  await viewer.subscribe(`${TOPICS.root}/#`, 1);
  await viewer.publishInVain(TOPICS.command('lamp', 'dim'), '{"id":"v1","args":{}}', { qos: 1 });
  const reply = await viewer.message(TOPICS.reply('lamp', 'dim'));
  const { id, status, error } = JSON.parse(reply.text) as {
    id: string;
    status: string;
    error: { code: string };
  };
  assert.deepEqual([id, status, error.code], ['v1', 'rejected', 'forbidden']);
  await viewer.publishInVain(TOPICS.request('history'), '{"id":"v2"}', { qos: 1 });
  const response = await viewer.message(TOPICS.response('history'));
  assert.match(response.text, /"id":"v2","status":"error","error":\{"code":"forbidden"/);
  await operator.publish(TOPICS.command('lamp', 'dim'), 'allowed', { qos: 1 });
  await until('the command', () => reached.length > 0);
  assert.deepEqual(reached, ['allowed']);
});

void test('a subscription nothing of which may be read gets 0x80; a wider one is granted and filtered', async (t) => {
  const { broker, log, as } = await startWorld(t);
  const recorder = await as('rita');
  await assert.rejects(recorder.subscribe('other/#', 1));
  await assert.rejects(recorder.subscribe('$SYS/#'));
  const line = log.saying('refused filters')[0]?.fields;
  assert.deepEqual(
    [line?.['user'], line?.['address'], line?.['filters']],
    ['rita', '127.0.0.1', ['other/#']],
  );
  await recorder.subscribe('#', 1);
  const say = async (topic: string): Promise<void> =>
    broker.bus.publish({ topic, payload: Buffer.from('x'), qos: 1, retain: true });
  await say(TOPICS.status);
  await say(TOPICS.meta('lamp'));
  await recorder.message(TOPICS.meta('lamp'));
  // Retained ones are asked for anew with every subscription.
  await recorder.subscribe('+/#', 1);
  await until('the retained one', () => recorder.received.length === 2);
  assert.deepEqual(new Set(recorder.received.map(({ topic }) => topic)), new Set([TOPICS.meta('lamp')]));
});

void test('only operators read $SYS', async (t) => {
  const { broker, as } = await startWorld(t);
  const [operator, viewer] = [await as('otto'), await as('vera')];
  await operator.subscribe('$SYS/#');
  await assert.rejects(viewer.subscribe('$SYS/#'));
  await broker.bus.publish({ topic: '$SYS/broker/uptime', payload: Buffer.from('1'), qos: 0, retain: false });
  await operator.message('$SYS/broker/uptime');
});

void test('a denied filter that aedes keeps with a session delivers nothing, live or from the queue', async (t) => {
  const { broker, port, url } = await startWorld(t, 'user vera\ntopic read allowed\ntopic read both/a\n');
  const options = { clientId: 'keeper', clean: false, username: 'vera', password: 'secret' };
  const client = await connectClient(t, url, options);
  await client.mqtt.subscribeAsync(['allowed', 'denied', 'both/+'], { qos: 1 }).catch(() => undefined);
  await client.mqtt.endAsync();
  const topics = ['denied', 'both/b', 'both/a', 'allowed'];
  const say = async (text: string): Promise<void> => {
    for (const topic of topics)
      await broker.bus.publish({ topic, payload: Buffer.from(text), qos: 1, retain: false });
  };
  await say('queued');
  const back = await connectClient(t, url, options);
  await back.texts(2);
  await say('live');
  await back.texts(4);
  const heard = back.received.map(({ topic, text }) => `${topic} ${text}`);
  assert.deepEqual(heard, ['both/a queued', 'allowed queued', 'both/a live', 'allowed live']);
  assert.ok(port > 0);
});

void test('rights and passwords that change in the files hold at once for who is connected', async (t) => {
  const { broker, doorkeeper, log, passwordFile, aclFile, as } = await startWorld(t);
  const viewer = await as('vera');
  const operator = await as('otto');
  await viewer.subscribe(`${TOPICS.root}/#`, 1);
  const say = async (text: string): Promise<void> =>
    broker.bus.publish({ topic: TOPICS.event, payload: Buffer.from(text), qos: 1, retain: false });
  await say('before');
  await viewer.texts(1);
  await writeFile(aclFile, 'user vera\ntopic read elsewhere\n');
  await until('the changed file is seen', () => log.saying('were read again').length === 1);
  await say('taken away');
  await writeFile(aclFile, ACL);
  await doorkeeper.reload();
  await say('given back');
  assert.deepEqual(await viewer.texts(2), ['before', 'given back']);
  // A broken file takes nobody's rights.
  await writeFile(aclFile, 'user vera\nnonsense\n');
  await doorkeeper.reload();
  assert.match(String(log.saying('stay as they were')[0]?.fields['err']), /acl:2: /);
  await say('still');
  await viewer.texts(3);
  await writeFile(aclFile, ACL);
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(passwordFile, `vera:${hash}\n`);
  await doorkeeper.reload();
  await until('the operator is let out', () => !operator.mqtt.connected);
  await assert.rejects(as('otto'), { code: NOT_AUTHORIZED });
});

void test('a will is published with the rights of its client, or not at all', async (t) => {
  const { as, broker } = await startWorld(t);
  const heard: string[] = [];
  await broker.bus.subscribe('#', 1, ({ topic }) => heard.push(topic));
  for (const topic of ['elsewhere', TOPICS.telemetry('probe-7')]) {
    const probe = await as('probe-7', { will: { topic, payload: Buffer.from('{}'), qos: 1, retain: false } });
    probe.mqtt.stream.destroy();
    await until('it is gone', () => broker.stats().clients === 0);
  }
  await until('the allowed will', () => heard.includes(TOPICS.telemetry('probe-7')));
  assert.ok(!heard.includes('elsewhere'));
});

void test('a SUBACK of a denied filter is 0x80 on the wire', async (t) => {
  const { port } = await startBroker(t);
  const client = await openRawClient(t, port, 'raw');
  client.send(subscribePacket('$dropped', 1));
  assert.deepEqual([...(await client.bytes(9)).subarray(4)], [0x90, 3, 0, 1, 0x80]);
});

void test('refusals push nothing out of what waits for an absent client', async (t) => {
  const acl = ['user vera', 'topic read #', 'user otto', 'topic read x', ''].join('\n');
  const { broker, as } = await startWorld(t, acl);
  const options = { clientId: 'anna', clean: false };
  const anna = await as('vera', options);
  await anna.subscribe('#', 1);
  await anna.mqtt.endAsync();
  await until('she is away', () => broker.stats().clients === 0);
  await broker.bus.publish({ topic: 'alarm', payload: Buffer.from('fire'), qos: 1, retain: false });
  const eve = await as('otto');
  for (let index = 0; index < 1100; index++) await eve.publish(TOPICS.command('lamp', 'on'), '');
  await until('all were refused', () => broker.stats().dropped === 1100);
  const back = await as('vera', options);
  assert.deepEqual(await back.texts(1), ['fire']);
});
