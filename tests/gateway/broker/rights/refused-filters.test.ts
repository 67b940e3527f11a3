// Filters and rights that change: what was answered with 0x80 stays unsubscribed, what was granted comes back with the rights.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import type { BrokerLimits } from '../../../../gateway/broker/mqtt/limits.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

type Path = 'direct' | 'aedes';

interface World {
  readonly root: TestClient;
  /** As the user vera, with a session that stays. */
  readonly vera: () => Promise<TestClient>;
  /** What vera may read from now on, beside `version/…`. */
  readonly allow: (...topics: readonly string[]) => Promise<void>;
}

interface Files {
  readonly passwordFile: string;
  readonly aclFile: string;
}

interface Place {
  readonly url: string;
  readonly reload: () => unknown;
}

async function startWorld(t: TestContext, open: (files: Files) => Promise<Place>): Promise<World> {
  const folder = await temporaryFolder(t);
  const files = { passwordFile: join(folder, 'passwords'), aclFile: join(folder, 'acl') };
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(files.passwordFile, `root:${hash}\nvera:${hash}\n`);
  const acl = async (version: number, topics: readonly string[]): Promise<void> => {
    const own = [`version/${String(version)}`, ...topics].map((topic) => `topic read ${topic}`);
    await writeFile(files.aclFile, ['user root', 'topic #', 'user vera', ...own, ''].join('\n'));
  };
  let version = 0;
  await acl(version, []);
  const { url, reload } = await open(files);
  const root = await connectClient(t, url, { username: 'root', password: 'secret' });
  const witness = await connectClient(t, url, { username: 'vera', password: 'secret' });
  await witness.subscribe('version/#');
  return {
    root,
    vera: async () =>
      connectClient(t, url, { username: 'vera', password: 'secret', clientId: 'keeper', clean: false }),
    allow: async (...topics) => {
      const topic = `version/${String(++version)}`;
      await acl(version, topics);
      await reload();
      // Mosquitto does not tell when it has read its files again: asked until it shows.
      const hasCome = (): boolean => witness.received.some((message) => message.topic === topic);
      for (let attempt = 0; attempt < 5000 && !hasCome(); attempt++)
        await root.publish(topic, '', { qos: 1 });
      await until('the new rights', hasCome);
    },
  };
}

async function startOurs(t: TestContext, path: Path, limits: Partial<BrokerLimits> = {}): Promise<World> {
  return startWorld(t, async (files) => {
    const { url, doorkeeper } = await startBroker(t, limits, { ...files, anonymous: false }, path);
    return { url, reload: async () => doorkeeper.reload() };
  });
}

async function startTheirs(t: TestContext): Promise<World> {
  return startWorld(t, async ({ passwordFile, aclFile }) => {
    const users = `allow_anonymous false\npassword_file ${passwordFile}\nacl_file ${aclFile}\n`;
    return startMosquitto(t, (port) => `listener ${String(port)} 127.0.0.1\n${users}`);
  });
}

async function heardUntil({ root }: World, client: TestClient, last: string): Promise<string[]> {
  // With QoS 0 it waits for nothing: what has not come before it was not sent live.
  await root.publish('end', last, { qos: 0 });
  await until(last, () => client.received.some(({ text }) => text === last));
  return client.received.filter(({ topic }) => topic !== 'end').map(({ text }) => text);
}

for (const path of ['direct', 'aedes'] as const) {
  void test(`a filter that was refused is not subscribed when rights allow it later, delivery ${path}`, async (t) => {
    const world = await startOurs(t, path);
    const { root, vera, allow } = world;
    await allow('end');
    const first = await vera();
    await assert.rejects(first.mqtt.subscribeAsync(['end', 'refused'], { qos: 1 }));
    await allow('end', 'refused');
    await root.publish('refused', 'live', { qos: 1 });
    assert.deepEqual(await heardUntil(world, first, 'end 1'), []);
    await first.mqtt.endAsync();
    await root.publish('refused', 'away', { qos: 1 });
    const back = await vera();
    await root.publish('refused', 'back', { qos: 1 });
    assert.deepEqual(await heardUntil(world, back, 'end 2'), []);
    await back.subscribe('refused', 1);
    await root.publish('refused', 'asked for again', { qos: 1 });
    assert.deepEqual(await heardUntil(world, back, 'end 3'), ['asked for again']);
    await allow('end');
    await assert.rejects(back.subscribe('refused', 1));
    await allow('end', 'refused');
    await root.publish('refused', 'refused when asked again', { qos: 1 });
    assert.deepEqual(await heardUntil(world, back, 'end 4'), ['asked for again']);
  });
}

void test('refused filters take no place of a session from those that are granted', async (t) => {
  const world = await startOurs(t, 'direct', { maxSubscriptions: 2 });
  await world.allow('end', 'granted');
  const first = await world.vera();
  await assert.rejects(first.mqtt.subscribeAsync(['refused', 'granted', 'end'], { qos: 1 }));
  await first.mqtt.endAsync();
  await world.root.publish('granted', 'away', { qos: 1 });
  assert.deepEqual(await heardUntil(world, await world.vera(), 'end'), ['away']);
});

async function rightsGivenBack(world: World): Promise<void> {
  const { root, vera, allow } = world;
  await allow('end', 'mine');
  const first = await vera();
  await first.mqtt.subscribeAsync(['end', 'mine'], { qos: 1 });
  await first.mqtt.endAsync();
  await allow('end');
  const back = await vera();
  await root.publish('mine', 'taken away', { qos: 1 });
  assert.deepEqual(await heardUntil(world, back, 'end 1'), []);
  await allow('end', 'mine');
  await root.publish('mine', 'given back', { qos: 1 });
  assert.deepEqual(await heardUntil(world, back, 'end 2'), ['given back']);
}

const GIVEN_BACK = 'rights that were taken away and are given back need no new SUBSCRIBE';

for (const path of ['direct', 'aedes'] as const)
  void test(`${GIVEN_BACK}, delivery ${path}`, async (t) => rightsGivenBack(await startOurs(t, path)));

void test(`${GIVEN_BACK}, by Mosquitto`, { skip: withoutMosquitto }, async (t) =>
  rightsGivenBack(await startTheirs(t)),
);
