// What MQTT 5 puts to a message reaches who speaks it, live, retained and queued, over a restart too; who speaks 3.1.1 gets
// the message without it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPublishPacket } from 'mqtt';
import { FakeClock } from '../../../support/fake-clock.js';
import { killed, startRun } from '../../../support/mqtt/broker-runs.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectPacket, openRaw, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until, untilAsync } from '../../../support/waiting.js';
import { connect5 } from './client5.js';

const PROPERTIES = {
  payloadFormatIndicator: true,
  contentType: 'application/json',
  responseTopic: 'me/answers',
  correlationData: Buffer.from([0, 255, 1]),
  userProperties: { one: 'a', two: ['b', 'c'], __proto__x: 'd' },
};

function ownOf({ properties }: IPublishPacket): unknown {
  const { userProperties, ...rest } = properties ?? {};
  return { ...rest, userProperties: { ...userProperties } };
}

void test('properties go through unchanged, live and retained, and past who speaks 3.1.1', async (t) => {
  const { url } = await startBroker(t);
  const five = await connect5(t, url);
  const four = await connectClient(t, url);
  await five.subscribe('p/#', 2);
  await four.subscribe('p/#', 2);
  for (const qos of [0, 1, 2] as const)
    await five.mqtt.publishAsync(`p/${String(qos)}`, 'x', { qos, retain: true, properties: PROPERTIES });
  await four.texts(3);
  await until('three', () => five.packets.length === 3);
  const late = await connect5(t, url);
  await late.subscribe('p/#', 2);
  await until('three retained', () => late.packets.length === 3);
  for (const packet of [...five.packets, ...late.packets]) assert.deepEqual(ownOf(packet), PROPERTIES);
  assert.deepEqual(
    late.packets.map(({ retain }) => retain),
    [true, true, true],
  );
});

void test('a client that takes topic aliases is sent them, as many as it takes and as there are', async (t) => {
  const { url, port } = await startBroker(t);
  const raw = await openRaw(t, port);
  const properties = [0x22, 0, 2, 0x27, 0, 0, 0, 100];
  raw.send(connectPacket('raw', { version: 5, properties }), subscribePacket('p/#', 1, 1, []));
  await until('its SUBACK', () => packetsIn(raw.received).some(({ type }) => type === 9));
  const client = await connect5(t, url, { properties: { topicAliasMaximum: 60_000 } });
  await client.subscribe('p/#', 1);
  // One that is too large for the first tells it no alias.
  await client.publish('p/large', 'x'.repeat(100), { qos: 1 });
  const topics = ['p/1', 'p/2', 'p/3', 'p/1', 'p/3', 'p/2'];
  for (const topic of topics) await client.publish(topic, topic, { qos: 1 });
  await client.texts(7);
  const sent = (): Buffer[] =>
    packetsIn(raw.received)
      .filter(({ type }) => type === 3)
      .map(({ body }) => body);
  await until('all', () => sent().length === 6);
  assert.deepEqual(
    sent().map((body) => [
      body.subarray(2, 2 + body.readUInt16BE(0)).toString(),
      // Ahead of the payload, three bytes.
      body.at(-6) === 0x23 ? body.readUInt16BE(body.length - 5) : undefined,
    ]),
    [
      ['p/1', 1],
      ['p/2', 2],
      ['p/3', undefined],
      ['', 1],
      ['p/3', undefined],
      ['', 2],
    ],
  );
  for (let number = 0; number < 40; number++)
    for (const text of ['a', 'b']) await client.publish(`p/many/${String(number)}`, text, { qos: 0 });
  await client.texts(87);
  assert.deepEqual(
    client.received.map(({ topic }) => topic),
    ['p/large', ...topics, ...Array.from({ length: 80 }, (_, at) => `p/many/${String(Math.floor(at / 2))}`)],
  );
});

void test('a client of MQTT.js that takes aliases gets each topic by its name, with QoS 2 as well', async (t) => {
  const { url } = await startBroker(t);
  const client = await connect5(t, url, { properties: { topicAliasMaximum: 10 } });
  await client.subscribe('p/#', 2);
  const sender = await connect5(t, url);
  for (const qos of [2, 1, 2, 2] as const) await sender.publish('p/1', String(qos), { qos });
  await client.texts(4);
  assert.deepEqual(
    client.received.map(({ topic, text }) => [topic, text]),
    ['2', '1', '2', '2'].map((text) => ['p/1', text]),
  );
});

void test('whoever takes a message before its acknowledgement is told how long it lasts', async (t) => {
  const { url, broker } = await startBroker(t);
  const taken: (number | undefined)[] = [];
  await broker.bus.subscribeBeforeAck('taken', async ({ expiresInMs }) => {
    taken.push(expiresInMs);
    return Promise.resolve();
  });
  const client = await connect5(t, url);
  const properties = { messageExpiryInterval: 7 };
  await client.mqtt.publishAsync('taken', 'x', { qos: 1, properties });
  await client.mqtt.publishAsync('taken', 'x', { qos: 1 });
  assert.deepEqual(taken, [7000, undefined]);
});

void test('a message of 3.1.1 reaches version 5, and the other way round, at every QoS', async (t) => {
  const { url } = await startBroker(t);
  const five = await connect5(t, url);
  const four = await connectClient(t, url);
  await five.subscribe('#', 2);
  await four.subscribe('#', 2);
  for (const qos of [0, 1, 2] as const) {
    await five.publish('from/5', String(qos), { qos });
    await four.publish('from/4', String(qos), { qos });
  }
  for (const client of [five, four]) {
    await client.texts(6);
    const of = (topic: string): unknown =>
      client.received.filter((message) => message.topic === topic).map(({ text, qos }) => [text, qos]);
    const all = [
      ['0', 0],
      ['1', 1],
      ['2', 2],
    ];
    assert.deepEqual([of('from/4'), of('from/5')], [all, all]);
  }
});

void test('queued and retained they outlive a kill, with what is left of their time', async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 10, 23));
  const run = await startRun(t, await temporaryFolder(t), clock);
  const session = { clientId: 'away', clean: true, properties: { sessionExpiryInterval: 3600 } };
  const away = await connect5(t, run.url, session);
  await away.subscribe('q/#', 1);
  await away.mqtt.endAsync();
  const sender = await connect5(t, run.url);
  const properties = { ...PROPERTIES, messageExpiryInterval: 100 };
  await sender.mqtt.publishAsync('q/queued', 'x', { qos: 1, properties });
  await sender.mqtt.publishAsync('q/kept', 'y', { qos: 1, retain: true, properties });
  await clock.advance(10_000);
  await untilAsync('it is on disk', async () => (await run.written()).includes('q/kept'));
  const next = await startRun(t, await killed(t, run), clock);
  await clock.advance(20_000);
  const back = await connect5(t, next.url, { ...session, clean: false });
  await until('what waited', () => back.packets.length === 2);
  const late = await connect5(t, next.url);
  await late.subscribe('q/kept', 1);
  await until('what is kept', () => late.packets.length === 1);
  for (const packet of [...back.packets, ...late.packets])
    assert.deepEqual(ownOf(packet), { ...PROPERTIES, messageExpiryInterval: 70 });
});

void test('what is over nobody gets: neither queued nor retained', async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 10, 23));
  const { url, broker } = await startBroker(t, {}, { anonymous: true, clock });
  const session = { clientId: 'away', clean: true, properties: { sessionExpiryInterval: 3600 } };
  const away = await connect5(t, url, session);
  await away.subscribe('q', 1);
  await away.mqtt.endAsync();
  const sender = await connect5(t, url);
  const publish = async (text: string, messageExpiryInterval?: number): Promise<unknown> =>
    sender.mqtt.publishAsync('q', text, {
      ...{ qos: 1, retain: true },
      ...(messageExpiryInterval === undefined ? {} : { properties: { messageExpiryInterval } }),
    });
  await publish('stays');
  await publish('goes', 5);
  await clock.advance(6000);
  const back = await connect5(t, url, { ...session, clean: false });
  assert.deepEqual(await back.texts(1), ['stays']);
  const late = await connect5(t, url);
  await late.subscribe('q', 1);
  await late.subscribe('other');
  await late.publish('other', 'end');
  assert.deepEqual(await late.texts(1), ['end']);
  await clock.advance(60_000);
  assert.equal(broker.stats().retained, 0);
});

void test('a message of the sender’s own, the retain flag, and identifiers are as its filters say', async (t) => {
  const { url } = await startBroker(t);
  const client = await connect5(t, url);
  await client.mqtt.subscribeAsync('a/+', { qos: 1, nl: true });
  await client.mqtt.subscribeAsync('b/+', { qos: 1, rap: true, properties: { subscriptionIdentifier: 7 } });
  await client.mqtt.subscribeAsync('b/#', { qos: 0, properties: { subscriptionIdentifier: 300 } });
  const other = await connect5(t, url);
  await client.publish('a/1', 'own', { qos: 1 });
  await other.publish('a/1', 'another’s', { qos: 1 });
  await other.publish('b/1', 'kept', { qos: 1, retain: true });
  await other.publish('b/1', 'live', { qos: 0 });
  assert.deepEqual(await client.texts(3), ['another’s', 'kept', 'live']);
  const [, kept, live] = client.packets;
  assert.equal(kept?.retain, true);
  assert.deepEqual(new Set(kept.properties?.subscriptionIdentifier as number[]), new Set([7, 300]));
  assert.equal(live?.retain, false);
  const late = await connect5(t, url);
  await late.mqtt.subscribeAsync('b/1', { qos: 1, rh: 2 });
  await late.mqtt.subscribeAsync('b/+', { qos: 1, rh: 1, properties: { subscriptionIdentifier: 9 } });
  await late.mqtt.subscribeAsync('b/+', { qos: 1, rh: 1, properties: { subscriptionIdentifier: 9 } });
  await other.publish('b/1', 'end');
  assert.deepEqual(await late.texts(2), ['kept', 'end']);
  assert.equal(late.packets[0]?.properties?.subscriptionIdentifier, 9);
});

void test('the retain flag of one client, and the identifier of another, are not those of the rest', async (t) => {
  const { url } = await startBroker(t);
  const [plain, keeps, named] = await Promise.all([connect5(t, url), connect5(t, url), connect5(t, url)]);
  await plain.mqtt.subscribeAsync('b/+', { qos: 1 });
  await keeps.mqtt.subscribeAsync('b/+', { qos: 1, rap: true });
  await named.mqtt.subscribeAsync('b/+', { qos: 1, properties: { subscriptionIdentifier: 7 } });
  const other = await connect5(t, url);
  await other.publish('b/1', 'kept', { qos: 1, retain: true });
  const got = await Promise.all(
    [plain, keeps, named].map(async (client) => {
      await client.texts(1);
      const [packet] = client.packets;
      return [packet?.retain, packet?.properties?.subscriptionIdentifier];
    }),
  );
  assert.deepEqual(got, [
    [false, undefined],
    [true, undefined],
    [false, 7],
  ]);
});

void test('topic aliases of a client are its own, and known by no one else', async (t) => {
  const { url } = await startBroker(t);
  const reader = await connect5(t, url);
  await reader.subscribe('long/#');
  const sender = await connect5(t, url);
  await sender.mqtt.publishAsync('long/topic', '1', { properties: { topicAlias: 1 } });
  await sender.mqtt.publishAsync('', '2', { properties: { topicAlias: 1 } });
  await reader.texts(2);
  assert.deepEqual(
    reader.packets.map(({ topic, properties }) => [topic, properties?.topicAlias]),
    [
      ['long/topic', undefined],
      ['long/topic', undefined],
    ],
  );
});
