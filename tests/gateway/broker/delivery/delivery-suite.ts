// What a broker must deliver, and in which order: run on our broker over TCP and WebSocket, and on Mosquitto beside them,
// so that a rule which Mosquitto does not keep either would be noticed. docs/architecture.md#aedes has why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { connectClient } from '../../../support/mqtt/client.js';
import { publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { until } from '../../../support/waiting.js';

const REPETITIONS = 200;

export interface Wire {
  readonly url: string;
  /** A connected clean session whose `send` puts all packets into one segment or frame. */
  openRaw(clientId: string): Promise<{ send(...packets: readonly Buffer[]): void }>;
}

export function deliverySuite(
  name: string,
  open: (t: TestContext) => Promise<Wire>,
  skip: string | false = false,
): void {
  void describe(`delivery by ${name}`, { skip }, () => {
    inOneSegment(open);
    fromTwoPublishers(open);
    overSessions(open);
    retainedValues(open);
  });
}

function inOneSegment(open: (t: TestContext) => Promise<Wire>): void {
  void test(`a retained and a plain QoS 0 message in one segment both arrive live, ${String(REPETITIONS)} times`, async (t) => {
    const wire = await open(t);
    const subscriber = await connectClient(t, wire.url);
    await subscriber.subscribe('a/#', 0);
    const publisher = await wire.openRaw('p');
    const expected: string[] = [];
    for (let round = 0; round < REPETITIONS; round++) {
      const retained = { topic: 'a/r', text: `r${String(round)}`, retain: true };
      publisher.send(publishPacket(retained), publishPacket({ topic: 'a/p', text: `p${String(round)}` }));
      expected.push(`r${String(round)}`, `p${String(round)}`);
      await subscriber.texts(expected.length);
    }
    assert.deepEqual(await subscriber.texts(expected.length), expected);
  });

  void test(`QoS 1, 0, 1 and 0 in one segment arrive in that order, ${String(REPETITIONS)} times`, async (t) => {
    const wire = await open(t);
    const subscriber = await connectClient(t, wire.url);
    await subscriber.subscribe('a/+', 0);
    const publisher = await wire.openRaw('p');
    const expected: string[] = [];
    for (let round = 0; round < REPETITIONS; round++) {
      const texts = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${String(round)}`);
      const packets = texts.map((text, index) =>
        publishPacket({
          topic: `a/${String(index)}`,
          text,
          qos: index % 2 === 0 ? 1 : 0,
          id: round * 2 + index + 1,
        }),
      );
      publisher.send(...packets);
      expected.push(...texts);
      await subscriber.texts(expected.length);
    }
    assert.deepEqual(await subscriber.texts(expected.length), expected);
  });
}

function fromTwoPublishers(open: (t: TestContext) => Promise<Wire>): void {
  void test('messages of mixed QoS from two publishers all arrive, each publisher in its order', async (t) => {
    const wire = await open(t);
    const clean = await connectClient(t, wire.url);
    const persistent = await connectClient(t, wire.url, { clientId: 'keeps', clean: false });
    await clean.subscribe('a/#', 0);
    await persistent.subscribe('a/#', 2);
    const publishers = await Promise.all(
      ['x', 'y'].map(async (id) => connectClient(t, wire.url, { clientId: id })),
    );
    const sending = publishers.flatMap((publisher, who) =>
      Array.from({ length: REPETITIONS }, async (_, round) => {
        const retain = round % 5 === 0;
        const qos = who === 0 ? 1 : (((round >> 3) % 2) as 0 | 1);
        const text = `${String(who)}${String(qos)}:${String(round)}`;
        await publisher.publish(`a/${String(who)}/${String(round % 3)}`, text, { qos, retain });
      }),
    );
    await Promise.all(sending);
    // Of one publisher and QoS: across QoS levels MQTT promises no order to who reads with QoS 1 or 2 (§4.6).
    inOrder(await persistent.texts(2 * REPETITIONS), ['01:', '10:', '11:']);
    inOrder(await clean.texts(2 * REPETITIONS), ['0', '1']);
  });

  void test('a persistent session whose filters overlap gets each message and keeps its connection', async (t) => {
    const wire = await open(t);
    const subscriber = await connectClient(t, wire.url, { clientId: 'overlap', clean: false });
    await subscriber.subscribe('a/#', 1);
    await subscriber.subscribe('a/+/v', 1);
    const publisher = await connectClient(t, wire.url);
    for (let round = 0; round < REPETITIONS; round++)
      await publisher.publish('a/b/v', String(round), { qos: 1 });
    await until('all', () => new Set(subscriber.received.map(({ text }) => text)).size === REPETITIONS);
    assert.equal(subscriber.mqtt.connected, true);
  });
}

function inOrder(texts: readonly string[], groups: readonly string[]): void {
  assert.equal(new Set(texts).size, 2 * REPETITIONS);
  for (const group of groups) {
    const rounds = texts.filter((text) => text.startsWith(group)).map((text) => Number(text.split(':')[1]));
    assert.deepEqual(
      rounds,
      rounds.toSorted((a, b) => a - b),
      group,
    );
  }
}

function overSessions(open: (t: TestContext) => Promise<Wire>): void {
  void test('a persistent session gets what came while it was away, once and in order', async (t) => {
    const wire = await open(t);
    const first = await connectClient(t, wire.url, { clientId: 'away', clean: false });
    await first.subscribe('a/#', 1);
    await first.mqtt.endAsync();
    const publisher = await connectClient(t, wire.url);
    const expected = Array.from({ length: REPETITIONS }, (_, round) => String(round));
    for (const text of expected) await publisher.publish('a/b', text, { qos: 1 });
    await publisher.publish('a/b', 'not queued', { qos: 0 });
    const back = await connectClient(t, wire.url, { clientId: 'away', clean: false });
    await until('the queue', () => back.received.some(({ text }) => text === expected.at(-1)));
    const queued = back.received.map(({ text }) => text).filter((text) => text !== 'not queued');
    assert.deepEqual(queued, expected);
  });

  void test('a will is published when the connection breaks and not after a proper end', async (t) => {
    const wire = await open(t);
    const subscriber = await connectClient(t, wire.url);
    await subscriber.subscribe('will/#', 1);
    const will = (name: string) => ({
      topic: `will/${name}`,
      payload: Buffer.from('gone'),
      qos: 1 as const,
      retain: false,
    });
    const proper = await connectClient(t, wire.url, { will: will('proper') });
    await proper.mqtt.endAsync();
    const broken = await connectClient(t, wire.url, { will: will('broken') });
    broken.mqtt.stream.destroy();
    await subscriber.message('will/broken');
    assert.deepEqual(
      subscriber.received.map(({ topic }) => topic),
      ['will/broken'],
    );
  });
}

function retainedValues(open: (t: TestContext) => Promise<Wire>): void {
  void test('a new subscriber ends with the newest retained values while they change', async (t) => {
    const wire = await open(t);
    const publisher = await connectClient(t, wire.url);
    const topics = Array.from({ length: 100 }, (_, index) => `a/${String(index)}`);
    await Promise.all(topics.map(async (topic) => publisher.publish(topic, '0', { qos: 1, retain: true })));
    for (let round = 1; round <= 20; round++) {
      const subscriber = await connectClient(t, wire.url);
      const subscribed = subscriber.subscribe('a/#', 0);
      const text = String(round);
      const changed = topics.map(async (topic) => publisher.publish(topic, text, { qos: 1, retain: true }));
      await Promise.all([subscribed, ...changed]);
      const last = publisher.publish('a/end', text, { qos: 1 });
      await Promise.all([last, subscriber.message('a/end')]);
      const newest = new Map(subscriber.received.map((message) => [message.topic, message.text]));
      for (const topic of topics) assert.equal(newest.get(topic), text, topic);
      await subscriber.mqtt.endAsync(true);
    }
  });

  void test('an empty retained message clears the value for who subscribes later', async (t) => {
    const wire = await open(t);
    const publisher = await connectClient(t, wire.url);
    await publisher.publish('a/keep', 'k', { qos: 1, retain: true });
    await publisher.publish('a/clear', 'c', { qos: 1, retain: true });
    await publisher.publish('a/clear', '', { qos: 1, retain: true });
    const subscriber = await connectClient(t, wire.url);
    await subscriber.subscribe('a/#', 1);
    const kept = await subscriber.message('a/keep');
    assert.equal(kept.retain, true);
    await publisher.publish('a/end', '', { qos: 1 });
    await subscriber.message('a/end');
    assert.deepEqual(
      subscriber.received.map(({ topic }) => topic),
      ['a/keep', 'a/end'],
    );
  });
}
