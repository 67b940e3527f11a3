// How long a session lasts, how much of it is under way, and how a connection ends, in MQTT 5.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { killed, startRun } from '../../../support/mqtt/broker-runs.js';
import { until, untilAsync } from '../../../support/waiting.js';
import { connect5 } from './client5.js';

const kept = (seconds: number, clean = false) => ({
  ...{ clientId: 'c', clean },
  properties: { sessionExpiryInterval: seconds },
});

void test('CONNACK says the limits that hold, the id that was given, and the expiry that was cut', async (t) => {
  const { url } = await startBroker(t, {
    maxInflightInbound: 7,
    maxPacketBytes: 5000,
    sessionExpiryMs: 60_000,
  });
  const connacks: unknown[] = [];
  await connectClient(
    t,
    url,
    { protocolVersion: 5, clientId: '', clean: true, properties: { sessionExpiryInterval: 4000 } },
    (client) => client.on('connect', ({ properties }) => connacks.push(properties)),
  );
  const [properties] = connacks as [Record<string, unknown>];
  const { assignedClientIdentifier, ...rest } = properties;
  assert.match(String(assignedClientIdentifier), /.+/);
  assert.deepEqual(
    { ...rest },
    {
      ...{ sharedSubscriptionAvailable: true, topicAliasMaximum: 32, maximumPacketSize: 5003 },
      ...{ receiveMaximum: 7, sessionExpiryInterval: 60 },
    },
  );
});

void test('a session lasts as long as its client said, over a kill too', async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 10, 23));
  const run = await startRun(t, await temporaryFolder(t), clock);
  const present: boolean[] = [];
  const connect = async (url: string, options: object): Promise<void> => {
    const client = await connect5(t, url, {
      ...options,
    });
    present.push(client.mqtt.connected);
    await client.subscribe('s', 1);
    await client.mqtt.endAsync();
  };
  const waiting = async (url: string, text: string): Promise<void> => {
    const sender = await connectClient(t, url);
    await sender.publish('s', text, { qos: 1 });
    await sender.mqtt.endAsync();
  };
  await connect(run.url, kept(30));
  await waiting(run.url, 'one');
  await clock.advance(20_000);
  const back = await connect5(t, run.url, kept(30));
  assert.deepEqual(await back.texts(1), ['one']);
  await back.mqtt.endAsync();
  await waiting(run.url, 'two');
  await untilAsync('it is on disk', async () => (await run.written()).split('["away","c"').length > 2);
  const next = await startRun(t, await killed(t, run), clock);
  await clock.advance(31_000);
  assert.equal(next.broker.stats().clientsAway, 0, 'its time is over');
});

void test('Clean Start begins anew although the session is kept afterwards', async (t) => {
  const { url } = await startBroker(t);
  const first = await connect5(t, url, kept(60));
  await first.subscribe('s', 1);
  await first.mqtt.endAsync();
  const sender = await connectClient(t, url);
  await sender.publish('s', 'old', { qos: 1 });
  const second = await connect5(t, url, kept(60, true));
  await second.subscribe('other', 1);
  await sender.publish('s', 'nobody’s', { qos: 1 });
  await sender.publish('other', 'new', { qos: 1 });
  assert.deepEqual(await second.texts(1), ['new']);
});

void test('a session that is taken up without an expiry ends with that connection', async (t) => {
  const { url, broker } = await startBroker(t);
  const first = await connect5(t, url, kept(60));
  await first.subscribe('s', 1);
  await first.mqtt.endAsync();
  const sender = await connectClient(t, url);
  await sender.publish('s', 'waited', { qos: 1 });
  const second = await connect5(t, url, kept(0));
  assert.deepEqual(await second.texts(1), ['waited']);
  await sender.publish('s', 'live', { qos: 1 });
  assert.deepEqual(await second.texts(2), ['waited', 'live']);
  await second.mqtt.endAsync();
  await until('its end', () => broker.stats().clientsAway + broker.stats().stored === 0);
});

const RECEIVE_MAXIMUM_2 = [0x21, 0, 2];
const SESSION_EXPIRY_60_S = [0x11, 0, 0, 0, 60];
const [PUBLISH, PUBREL] = [3, 6];

for (const [what, properties] of Object.entries({
  clean: RECEIVE_MAXIMUM_2,
  kept: [...RECEIVE_MAXIMUM_2, ...SESSION_EXPIRY_60_S],
}))
  void test(`no more is under way than the client takes, in a session that is ${what}`, async (t) => {
    const { url, port } = await startBroker(t);
    const sender = await connectClient(t, url);
    for (let number = 0; number < 5; number += 1)
      await sender.publish(`r/${String(number)}`, 'retained', { qos: 1, retain: true });
    const reader = await openRaw(t, port);
    reader.send(connectPacket('reader', { version: 5, properties }));
    reader.send(subscribePacket('l', 2, 1, []), subscribePacket('r/#', 1, 1, []));
    await until(
      'both SUBACKs',
      () => packetsIn(reader.received).filter(({ type }) => type === 9).length === 2,
    );
    for (let number = 0; number < 5; number += 1) await sender.publish('l', String(number), { qos: 2 });
    const texts: string[] = [];
    for (let ended = 0; ended < 10; ended += 1) {
      const publishes = (): RawPublish5[] => publishes5(reader);
      await until('as many as it takes', () => publishes().length >= Math.min(10, ended + 2));
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(publishes().length - ended <= 2, `${String(publishes().length - ended)} are under way`);
      const next = publishes()[ended];
      assert.ok(next !== undefined);
      texts.push(next.text);
      reader.send(answerPacket(next.qos === 1 ? 4 : 5, next.id));
      if (next.qos === 1) continue;
      await until('the PUBREL', () =>
        packetsIn(reader.received).some(
          ({ type, body }) => type === PUBREL && body.readUInt16BE(0) === next.id,
        ),
      );
      reader.send(answerPacket(7, next.id));
    }
    assert.deepEqual(
      texts.filter((text) => text !== 'retained'),
      ['0', '1', '2', '3', '4'],
    );
  });

interface RawPublish5 {
  readonly qos: number;
  readonly id: number;
  readonly text: string;
}

/** Without properties. */
function publishes5({ received }: RawConnection): RawPublish5[] {
  return packetsIn(received)
    .filter(({ type }) => type === PUBLISH)
    .map(({ flags, body }) => {
      const at = 2 + body.readUInt16BE(0);
      return { qos: (flags >> 1) & 3, id: body.readUInt16BE(at), text: body.subarray(at + 3).toString() };
    });
}

void test('a message larger than its reader takes is passed over for that one alone', async (t) => {
  const { url } = await startBroker(t);
  const small = await connect5(t, url, {
    ...kept(60, true),
    properties: { sessionExpiryInterval: 60, maximumPacketSize: 200 },
  });
  const large = await connect5(t, url);
  for (const client of [small, large]) await client.subscribe('m', 1);
  await large.publish('m', 'x'.repeat(300), { qos: 1 });
  await large.publish('m', 'fits', { qos: 1 });
  assert.deepEqual(await small.texts(1), ['fits']);
  assert.equal((await large.texts(2)).length, 2);
});

void test('why a connection ends is said: taken over, too large, not read in time, the broker goes', async (t) => {
  const { url, broker, port } = await startBroker(t, { maxPacketBytes: 1000 });
  const [one, two, three] = await Promise.all(
    ['one', 'two', 'three'].map((clientId) => connect5(t, url, { clientId })),
  );
  assert.ok(one && two && three);
  const silent = await openRaw(t, port);
  silent.send(connectPacket('silent', { version: 5, keepAliveS: 1 }));
  await connect5(t, url, { clientId: 'one' });
  assert.equal(await one.goodbye(), 0x8e);
  two.mqtt.stream.write(Buffer.concat([Buffer.from([0x30, 0xff, 0x7f]), Buffer.alloc(100)]));
  assert.equal(await two.goodbye(), 0x95);
  await silent.untilClosed();
  assert.equal(packetsIn(silent.received).at(-1)?.body[0], 0x8d);
  void broker.stop();
  assert.equal(await three.goodbye(), 0x8b);
});

void test('of what a client does not take at once as much waits as there is room for, and is counted', async (t) => {
  const { broker, url, port } = await startBroker(t, { maxQueuedMessages: 3 });
  const reader = await openRaw(t, port);
  reader.send(
    connectPacket('reader', { version: 5, properties: [0x21, 0, 1] }),
    subscribePacket('l', 1, 1, []),
  );
  await until('the SUBACK', () => packetsIn(reader.received).some(({ type }) => type === 9));
  const sender = await connectClient(t, url);
  for (let number = 0; number < 10; number += 1) await sender.publish('l', String(number), { qos: 1 });
  assert.equal(broker.stats().droppedHeld, 6);
  for (let taken = 0; taken < 4; taken += 1) {
    await until('the next', () => publishes5(reader).length === taken + 1);
    reader.send(answerPacket(4, publishes5(reader)[taken]?.id ?? 0));
  }
  assert.deepEqual(
    publishes5(reader).map(({ text }) => text),
    ['0', '1', '2', '3'],
  );
});

void test('a session that its client ends with DISCONNECT takes its filters with it, and no others', async (t) => {
  const { url, broker } = await startBroker(t);
  const other = await connect5(t, url);
  await other.subscribe('b', 1);
  for (let round = 0; round < 3; round++) {
    const client = await connect5(t, url, { clientId: 'c', properties: { sessionExpiryInterval: 60 } });
    await client.subscribe('a', 1);
    assert.equal(broker.stats().subscriptions, 2);
    await client.mqtt.endAsync(false, { properties: { sessionExpiryInterval: 0 } });
    await until('it is gone', () => broker.stats().clients === 1 && broker.stats().subscriptions === 1);
  }
});
