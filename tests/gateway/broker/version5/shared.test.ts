// Shared subscriptions: each message goes to one member of a group, to another where one is full or goes away, and waits for
// a session where nobody is there.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '../../../support/fake-clock.js';
import { killed, startRun } from '../../../support/mqtt/broker-runs.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  subscribePacket,
  unsubscribePacket,
  type RawConnect,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { connect5 } from './client5.js';

const GROUP = '$share/workers/jobs/+';
const SUBACK = 9;
const PUBLISH = 3;

interface Sent {
  readonly text: string;
  readonly id: number;
  readonly qos: number;
}

/** A member that answers nothing by itself. */
async function member(
  t: TestContext,
  port: number,
  id: string,
  options: RawConnect & { readonly qos?: 0 | 1 | 2 } = {},
): Promise<RawConnection> {
  const raw = await openRaw(t, port);
  raw.send(connectPacket(id, { version: 5, ...options }), subscribePacket(GROUP, options.qos ?? 2, 1, []));
  await until('its SUBACK', () => packetsIn(raw.received).some(({ type }) => type === SUBACK));
  return raw;
}

/** Of version 5, without properties. */
function messagesTo(raw: RawConnection): Sent[] {
  return packetsIn(raw.received)
    .filter(({ type }) => type === PUBLISH)
    .map(({ flags, body }) => {
      const qos = (flags >> 1) & 3;
      const at = 2 + body.readUInt16BE(0);
      const id = qos === 0 ? 0 : body.readUInt16BE(at);
      return { qos, id, text: body.subarray(at + (qos === 0 ? 0 : 2) + 1).toString() };
    });
}

const textsTo = (...members: readonly RawConnection[]): string[][] =>
  members.map((raw) => messagesTo(raw).map(({ text }) => text));

async function allOf(count: number, ...members: readonly RawConnection[]): Promise<string[][]> {
  await until(`${String(count)} messages`, () => textsTo(...members).flat().length >= count);
  // One too many would come now.
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  const texts = textsTo(...members);
  assert.deepEqual(texts.flat().sort(), [...new Set(texts.flat())].sort(), 'none of them twice');
  assert.equal(texts.flat().length, count);
  return texts;
}

const receiveMaximum = (most: number): number[] => [0x21, 0, most];
const staying = (seconds: number): number[] => [0x11, 0, 0, 0, seconds];

void test('each message goes to one member, in turns, whatever its QoS and the version', async (t) => {
  const { port, url } = await startBroker(t);
  const old = await connectClient(t, url, { clientId: 'old' });
  await old.subscribe(GROUP, 1);
  const [one, two] = [await member(t, port, 'one'), await member(t, port, 'two', { qos: 0 })];
  const plain = await connectClient(t, url);
  await plain.subscribe('jobs/#', 1);
  for (let job = 0; job < 12; job++)
    await plain.publish('jobs/a', String(job), { qos: (job % 3) as 0 | 1 | 2 });
  assert.equal((await plain.texts(12)).length, 12, 'who is not in the group gets all');
  const shared = (): string[][] => [...textsTo(one, two), old.received.map(({ text }) => text)];
  await until('all of them', () => shared().flat().length >= 12);
  assert.deepEqual(
    shared().map(({ length }) => length),
    [4, 4, 4],
  );
  assert.equal(new Set(shared().flat()).size, 12);
});

void test('one that is full is passed over, and what it has not got when it goes is another’s', async (t) => {
  const { port, url } = await startBroker(t);
  const full = await member(t, port, 'full', { properties: receiveMaximum(1) });
  const sender = await connectClient(t, url);
  for (const text of ['0', '1', '2']) await sender.publish('jobs/a', text, { qos: 1 });
  await allOf(1, full);
  const other = await member(t, port, 'other');
  for (const text of ['3', '4', '5']) await sender.publish('jobs/a', text, { qos: 1 });
  assert.deepEqual(await allOf(4, full, other), [['0'], ['3', '4', '5']]);
  full.socket.destroy();
  assert.deepEqual(await allOf(6, other), [['3', '4', '5', '0', '1', '2']]);
});

void test('what a member acknowledged, and QoS 2 that it was sent, stay its own', async (t) => {
  const { port, url } = await startBroker(t);
  const one = await member(t, port, 'one');
  const sender = await connectClient(t, url);
  await sender.publish('jobs/a', 'acknowledged', { qos: 1 });
  await sender.publish('jobs/a', 'half done', { qos: 2 });
  await sender.publish('jobs/a', 'not acknowledged', { qos: 1 });
  await allOf(3, one);
  one.send(answerPacket(4, messagesTo(one)[0]?.id ?? 0), Buffer.from([0xc0, 0]));
  await until('its ping is answered', () => packetsIn(one.received).some(({ type }) => type === 13));
  const other = await member(t, port, 'other');
  one.socket.destroy();
  assert.deepEqual(await allOf(1, other), [['not acknowledged']]);
});

void test('where nobody is there a session keeps it, over a kill, and not where somebody is', async (t) => {
  const clock = new FakeClock();
  const folder = await temporaryFolder(t);
  const first = await startRun(t, folder, clock);
  const away = await member(t, first.port, 'away', { clean: false, properties: staying(250) });
  away.socket.destroy();
  await until('it is away', () => first.broker.stats().clients === 0);
  const sender = await connectClient(t, first.url);
  await sender.publish('jobs/a', 'kept', { qos: 1 });
  const here = await member(t, first.port, 'here');
  await sender.publish('jobs/a', 'for who is here', { qos: 1 });
  assert.deepEqual(await allOf(1, here), [['for who is here']]);
  const second = await startRun(t, await killed(t, first), clock);
  const back = await openRaw(t, second.port);
  back.send(connectPacket('away', { version: 5, clean: false, properties: staying(250) }));
  assert.deepEqual(await allOf(1, back), [['kept']]);
});

void test('what a session was not sent goes on when its client leaves, and all of it when it ends', async (t) => {
  const { port, url } = await startBroker(t);
  const options = { clean: false, properties: [...staying(250), ...receiveMaximum(1)] };
  const one = await member(t, port, 'one', options);
  const sender = await connectClient(t, url);
  for (const text of ['0', '1', '2']) await sender.publish('jobs/a', text, { qos: 1 });
  await allOf(1, one);
  const other = await member(t, port, 'other', { clean: false, properties: staying(250) });
  one.socket.destroy();
  assert.deepEqual(await allOf(2, other), [['1', '2']]);
  const anew = await openRaw(t, port);
  anew.send(connectPacket('one', { version: 5, clean: true }));
  assert.deepEqual(await allOf(3, other), [['1', '2', '0']]);
});

void test('sessions take turns, and what waits for one that nobody else is there for stays its own', async (t) => {
  const { port, url, broker } = await startBroker(t);
  const options = { clean: false, properties: [...staying(250), ...receiveMaximum(1)] };
  const [one, two] = [await member(t, port, 'one', options), await member(t, port, 'two', options)];
  const sender = await connectClient(t, url);
  for (const text of ['0', '1', '2', '3']) await sender.publish('jobs/a', text, { qos: 1 });
  assert.deepEqual(
    (await allOf(2, one, two)).map(({ length }) => length),
    [1, 1],
  );
  two.socket.destroy();
  await until('two is away', () => broker.stats().clients === 2);
  one.socket.destroy();
  await until('both are away', () => broker.stats().clients === 1);
  const back = await openRaw(t, port);
  back.send(connectPacket('one', { version: 5, clean: false, properties: staying(250) }));
  // What two was not sent went to one while that was there.
  await allOf(3, back);
});

void test('one session that has a message by two ways has it once', async (t) => {
  const { url } = await startBroker(t);
  const both = await connect5(t, url, {
    clientId: 'both',
    clean: false,
    properties: { sessionExpiryInterval: 250 },
  });
  await both.subscribe(GROUP, 1);
  await both.subscribe('jobs/a', 1);
  for (const text of ['0', '1']) await both.publish('jobs/a', text, { qos: 1 });
  await both.publish('jobs/b', 'last', { qos: 1 });
  await both.message('jobs/b');
  assert.deepEqual(
    both.received.map(({ text }) => text),
    ['0', '1', 'last'],
  );
});

void test('what waited in a session has the identifier of its group, over kills too', async (t) => {
  const clock = new FakeClock();
  const first = await startRun(t, await temporaryFolder(t), clock);
  const options = { clientId: 'c', clean: false, properties: { sessionExpiryInterval: 250 } };
  const client = await connect5(t, first.url, options);
  await client.mqtt.subscribeAsync(GROUP, { qos: 1, properties: { subscriptionIdentifier: 7 } });
  await client.mqtt.endAsync();
  const sender = await connectClient(t, first.url);
  await sender.publish('jobs/a', 'kept', { qos: 1 });
  // The second run writes down what it has read of the first.
  const second = await startRun(t, await killed(t, first), clock);
  const third = await startRun(t, await killed(t, second), clock);
  const back = await connect5(t, third.url, options);
  assert.deepEqual(await back.texts(1), ['kept']);
  assert.equal(back.packets[0]?.properties?.subscriptionIdentifier, 7);
});

void test('a group gets nothing retained, keeps its identifier, and may be left', async (t) => {
  const { port, url } = await startBroker(t);
  const client = await connect5(t, url);
  await client.publish('jobs/a', 'retained', { qos: 1, retain: true });
  const granted = await client.mqtt.subscribeAsync(GROUP, {
    qos: 1,
    properties: { subscriptionIdentifier: 7 },
  });
  assert.deepEqual(
    granted.map(({ qos }) => qos),
    [1],
  );
  await client.publish('jobs/a', 'live', { qos: 1 });
  assert.deepEqual(await client.texts(1), ['live']);
  assert.equal(client.packets[0]?.properties?.subscriptionIdentifier, 7);
  const raw = await member(t, port, 'raw');
  raw.send(unsubscribePacket(GROUP, 2, []), unsubscribePacket(GROUP, 3, []));
  await until('both answers', () => packetsIn(raw.received).filter(({ type }) => type === 11).length === 2);
  const reasons = packetsIn(raw.received).filter(({ type }) => type === 11);
  assert.deepEqual(
    reasons.map(({ body }) => body[3]),
    [0, 0x11],
  );
});

void test('the right to read is asked of the filter behind the group', async (t) => {
  const aclFile = join(await temporaryFolder(t), 'acl');
  await writeFile(aclFile, 'topic write jobs/#\ntopic read other/#\n');
  const { port, url } = await startBroker(t, {}, { aclFile, anonymous: true });
  const raw = await member(t, port, 'raw');
  const suback = packetsIn(raw.received).find(({ type }) => type === SUBACK);
  assert.equal(suback?.body.at(-1), 0x87);
  const sender = await connectClient(t, url);
  await sender.publish('jobs/a', 'not for it', { qos: 1 });
  await allOf(0, raw);
  const client = await connect5(t, url);
  const granted = await client.mqtt.subscribeAsync('$share/workers/other/a', { qos: 1 });
  assert.equal(granted[0]?.qos, 1);
});

for (const [what, filter, options] of [
  ['without a filter', '$share/workers', 1],
  ['without a group', '$share//a', 1],
  ['with a wildcard for a group', '$share/+/a', 1],
  ['with no local', '$share/workers/a', 5],
] as const)
  void test(`a shared subscription ${what} is said to be a protocol error`, async (t) => {
    const { port } = await startBroker(t);
    const raw = await openRaw(t, port);
    raw.send(connectPacket('c', { version: 5 }), subscribePacket(filter, options, 1, []));
    await raw.untilClosed();
    const goodbye = packetsIn(raw.received).find(({ type }) => type === 14);
    assert.equal(goodbye?.body[0], 0x82);
  });
