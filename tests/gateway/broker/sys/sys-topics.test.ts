// `$SYS/broker`: named, written and counted as Mosquitto does it, which runs beside ours.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../../../gateway/broker/rights/roles.js';
import { sysValues } from '../../../../gateway/broker/sys/values.js';
import { startBroker, TOPICS, type TestUsers } from '../../../support/mqtt/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  publishPacket,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { publishesIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

const EVERY_SECOND = { sysIntervalMs: 1000, version: '1.2.3' };
const COUNTED = [
  'messages/received',
  'bytes/received',
  'publish/messages/received',
  'publish/bytes/received',
];

/** Topic by topic the form of what was said: numbers without their digits, words as they are. */
function formsOf(client: TestClient): Map<string, string> {
  const said = client.received.map(({ topic, text }) => [topic, formOf(topic, text)] as const);
  return new Map(said);
}

function formOf(topic: string, text: string): string {
  // Who it is differs; that it says so in one way does not.
  if (topic.endsWith('/version')) return text.replace(/^\S+ version \d+(\.\d+)+$/, 'NAME version N');
  return text.replace(/^\d+(?=\.|$| seconds$)/, 'N').replace(/(?<=^N\.)\d\d$/, 'NN');
}

function plain(port: number): string {
  return `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nsys_interval 1\n`;
}

void test(
  'every topic below $SYS is one of Mosquitto’s, retained, with the same form of payload',
  {
    skip: withoutMosquitto,
  },
  async (t) => {
    const ours = await startBroker(t, {}, { anonymous: true }, 'direct', EVERY_SECOND);
    const theirs = await startMosquitto(t, plain);
    const [here, there] = [await connectClient(t, ours.url), await connectClient(t, theirs.url)];
    await here.subscribe('$SYS/#');
    await there.subscribe('$SYS/#');
    const expected = sysValues(ours.broker.stats()).size + 1;
    await until('all of ours', () => formsOf(here).size >= expected);
    await until('all of theirs', () => [...formsOf(here).keys()].every((topic) => formsOf(there).has(topic)));
    for (const [topic, form] of formsOf(here)) assert.equal(form, formsOf(there).get(topic), topic);
    const retained = new Set(here.received.filter(({ retain }) => retain).map(({ topic }) => topic));
    assert.deepEqual([...retained].sort(), [...formsOf(here).keys()].sort());
  },
);

/** The same packets to both, from a client of its own. */
async function traffic(t: TestContext, port: number): Promise<RawConnection> {
  const client = await openRaw(t, port);
  client.send(connectPacket('busy'), subscribePacket('a/#', 1));
  await client.bytes(4 + 5);
  client.send(
    publishPacket({ topic: 'b', text: 'at most once' }),
    publishPacket({ topic: 'b/retained', text: '', retain: true }),
    publishPacket({ topic: 'b', text: 'at least once', qos: 1, id: 7 }),
    publishPacket({ topic: 'b', text: 'exactly once', qos: 2, id: 8 }),
    Buffer.from([0xc0, 0]),
  );
  await client.bytes(4 + 5 + 4 + 4 + 2);
  client.send(answerPacket(6, 8), publishPacket({ topic: 'a', text: 'x'.repeat(300), qos: 1, id: 9 }));
  await until('its own message', () => publishesIn(client.received).length === 1);
  client.send(answerPacket(4, publishesIn(client.received)[0]?.id ?? 0));
  return client;
}

async function monitor(t: TestContext, port: number): Promise<() => Record<string, string>> {
  const client = await openRaw(t, port);
  client.send(connectPacket('monitor'), ...COUNTED.map((name) => subscribePacket(`$SYS/broker/${name}`, 0)));
  return () =>
    Object.fromEntries(
      publishesIn(client.received).map(({ topic, text }) => [topic.replace('$SYS/broker/', ''), text]),
    );
}

void test('the same packets are counted as Mosquitto counts them', { skip: withoutMosquitto }, async (t) => {
  const ours = await startBroker(t, {}, { anonymous: true }, 'direct', EVERY_SECOND);
  const theirs = await startMosquitto(t, plain);
  const read = [await monitor(t, ours.port), await monitor(t, theirs.port)];
  for (const { port } of [ours, theirs]) await traffic(t, port);
  const payloads = String('at most once'.length + 'at least once'.length + 'exactly once'.length + 300);
  const packets = String(2 + COUNTED.length + 1 + 1 + 4 + 1 + 1 + 1);
  // Mosquitto looks at the first byte with 0xF5 for a mask (lib/packet_mosq.c): retained ones and those of QoS 2 are none
  // of its PUBLISH packets, against its own mosquitto(8). Ours are all of them.
  const publishes = ['5', '3'];
  const said = await until(`both to have counted ${packets} packets`, () => {
    const now = read.map((one) => one());
    const done = now.every(
      (one, index) =>
        one['messages/received'] === packets && one['publish/messages/received'] === publishes[index],
    );
    return done && now[0]?.['bytes/received'] === now[1]?.['bytes/received'] && now;
  });
  assert.deepEqual({ ...said[0], 'publish/messages/received': '3' }, said[1]);
  assert.equal(said[0]?.['publish/bytes/received'], payloads);
});

void test('what goes out is counted by packets and bytes, whoever wrote it', async (t) => {
  const { broker, port } = await startBroker(t);
  const client = await traffic(t, port);
  await until('its acknowledgement', () => broker.stats().packetsIn === 10);
  const stats = broker.stats();
  // CONNACK, SUBACK, PUBACK, PUBREC, PINGRESP, PUBCOMP, PUBACK, and the message.
  assert.equal(stats.packetsOut, 8);
  assert.equal(stats.bytesOut, client.received.length);
  assert.equal(stats.bytesIn, client.socket.bytesWritten);
  assert.deepEqual([stats.messagesOut, stats.publishBytesOut], [1, 300]);
  assert.deepEqual([stats.sockets, stats.connects, stats.clients, stats.mostClients], [1, 1, 1, 1]);
});

void test('clients, sessions, subscriptions and what is stored are counted, and given back', async (t) => {
  const { broker, url } = await startBroker(t);
  const keeper = await connectClient(t, url, { clientId: 'keeper', clean: false });
  await keeper.subscribe('a/+', 1);
  await keeper.subscribe('a/+', 1);
  await keeper.subscribe('b', 0);
  const passer = await connectClient(t, url);
  await passer.subscribe('c', 1);
  await passer.subscribe('d', 1);
  const numbers = (): number[] => {
    const { clients, clientsAway, mostClients, subscriptions, stored, storedBytes } = broker.stats();
    return [clients, clientsAway, mostClients, subscriptions, stored, storedBytes];
  };
  assert.deepEqual(numbers(), [2, 0, 2, 4, 0, 0]);
  await keeper.mqtt.endAsync();
  await passer.publish('a/1', 'queued', { qos: 1 });
  await passer.publish('e', 'retained', { qos: 1, retain: true });
  await passer.mqtt.unsubscribeAsync('c');
  await until('the queue', () => broker.stats().stored === 2);
  assert.deepEqual(numbers(), [1, 1, 2, 3, 2, 'queued'.length + 'retained'.length]);
  await passer.publish('e', '', { qos: 1, retain: true });
  await passer.mqtt.endAsync();
  const back = await connectClient(t, url, { clientId: 'keeper', clean: false });
  await back.message('a/1');
  await until('the acknowledgement', () => broker.stats().stored === 0);
  assert.deepEqual(numbers(), [1, 0, 2, 2, 0, 0]);
});

async function withRoles(t: TestContext): Promise<TestUsers> {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(passwordFile, `otto:${hash}\nvera:${hash}\n`);
  const lines = [
    ...linesOf('operator', 'otto', TOPICS),
    ...linesOf('viewer', 'vera', TOPICS),
    'topic read #',
  ];
  await writeFile(aclFile, `${lines.join('\n')}\n`);
  return { passwordFile, aclFile, anonymous: false };
}

void test('only who has the right reads it: operators, and nobody by a wildcard', async (t) => {
  const { url } = await startBroker(t, {}, await withRoles(t), 'direct', EVERY_SECOND);
  const otto = await connectClient(t, url, { username: 'otto', password: 'secret' });
  const vera = await connectClient(t, url, { username: 'vera', password: 'secret' });
  await vera.subscribe('#');
  await vera.subscribe('+/#');
  await assert.rejects(vera.subscribe('$SYS/broker/uptime'));
  await otto.subscribe('$SYS/broker/#');
  await until('an update', () =>
    otto.received.some(({ retain, topic }) => !retain && topic.endsWith('uptime')),
  );
  await otto.publish('last', 'x');
  assert.deepEqual(vera.received, []);
});

void test('what aedes says of itself below $SYS is nobody’s to read', async (t) => {
  const { url } = await startBroker(t, {}, { anonymous: true }, 'direct', EVERY_SECOND);
  const client = await connectClient(t, url);
  await client.subscribe('$SYS/#', 1);
  // aedes tells every client and every subscription.
  const other = await connectClient(t, url);
  await other.subscribe('x');
  await other.mqtt.endAsync();
  await until('an update', () => client.received.some(({ retain }) => !retain));
  const others = client.received.filter(({ topic }) => !topic.startsWith('$SYS/broker/'));
  assert.deepEqual(others, []);
});
