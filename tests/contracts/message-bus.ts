// What every MessageBus does, whichever broker is behind it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Message, MessageBus, QoS } from '../../shared/ports.js';
import { connectClient } from '../support/mqtt/client.js';
import { until } from '../support/waiting.js';

export interface Subject {
  readonly bus: MessageBus;
  /** Where an MQTT client reaches the same broker. */
  readonly url: string;
  /** Whether a retained message is told as such while it is live; MQTT 3.1.1 brokers cannot. */
  readonly tellsLiveRetain: boolean;
  readonly stop: () => Promise<void>;
}

type Open = (t: TestContext) => Promise<Subject>;

export function messageBusContract(name: string, open: Open, skip: string | false = false): void {
  void describe(`MessageBus: ${name}`, { skip }, () => {
    publishing(open);
    subscribing(open);
    retained(open);
    beforeAck(open);
  });
}

function message(topic: string, text: string, qos: QoS = 1, retain = false): Message {
  return { topic, payload: Buffer.from(text), qos, retain };
}

function textOf({ payload }: Message): string {
  return Buffer.from(payload).toString();
}

/** Collects what a filter gets. */
async function collect(bus: MessageBus, filter: string, qos: QoS = 1): Promise<Message[]> {
  const messages: Message[] = [];
  await bus.subscribe(filter, qos, (received) => messages.push(received));
  return messages;
}

async function first(messages: readonly Message[]): Promise<Message> {
  return until('a message', () => messages[0]);
}

function publishing(open: Open): void {
  void test('a message reaches subscribers within and clients outside as it was published', async (t) => {
    const { bus, url } = await open(t);
    const within = await collect(bus, 'a/b');
    const outside = await connectClient(t, url);
    await outside.subscribe('a/b', 1);
    await bus.publish(message('a/b', 'hello'));
    const { topic, payload, qos, retain } = await first(within);
    assert.deepEqual([topic, Buffer.from(payload).toString(), qos, retain], ['a/b', 'hello', 1, false]);
    assert.deepEqual(await outside.message('a/b'), { topic: 'a/b', text: 'hello', qos: 1, retain: false });
  });

  void test('messages of one caller keep their order', async (t) => {
    const { bus, url } = await open(t);
    const within = await collect(bus, 'a/#');
    const outside = await connectClient(t, url);
    await outside.subscribe('a/#', 1);
    const texts = Array.from({ length: 200 }, (_, index) => String(index));
    const sent = texts.map(async (text) =>
      bus.publish(message(`a/${text.slice(-1)}`, text, 1, text.endsWith('3'))),
    );
    await Promise.all(sent);
    assert.deepEqual(await outside.texts(200), texts);
    await until('all', () => within.length === 200);
    assert.deepEqual(within.map(textOf), texts);
  });

  void test('payloads are bytes: none, any byte, and 100 kB', async (t) => {
    const { bus } = await open(t);
    const within = await collect(bus, 'bytes');
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    // A view into a larger buffer, as a codec may hand out.
    const payloads = [new Uint8Array(0), everyByte.subarray(100, 200), new Uint8Array(100_000).fill(7)];
    for (const payload of payloads) await bus.publish({ topic: 'bytes', payload, qos: 1, retain: false });
    await until('three', () => within.length === 3);
    assert.deepEqual(
      within.map(({ payload }) => Buffer.from(payload)),
      payloads.map((payload) => Buffer.from(payload)),
    );
  });

  void test('after the stop a publish is rejected with closed', async (t) => {
    const { bus, stop } = await open(t);
    await stop();
    await assert.rejects(bus.publish(message('a', 'x')), { code: 'closed' });
  });
}

function subscribing(open: Open): void {
  void test('a filter gets what it matches and nothing else', async (t) => {
    const { bus } = await open(t);
    const [plus, hash, exact] = await Promise.all(
      ['a/+/c', 'a/#', 'a/b/c'].map(async (filter) => collect(bus, filter)),
    );
    const end = await collect(bus, 'end');
    for (const topic of ['a', 'a/b/c', 'a/x/c', 'a/b/c/d', 'ab/b/c', 'end'])
      await bus.publish(message(topic, ''));
    await first(end);
    const topics = [plus, hash, exact].map((messages) => messages?.map(({ topic }) => topic));
    assert.deepEqual(topics, [['a/b/c', 'a/x/c'], ['a', 'a/b/c', 'a/x/c', 'a/b/c/d'], ['a/b/c']]);
  });

  void test('two subscribers of one filter each get a message once; who left gets nothing', async (t) => {
    const { bus } = await open(t);
    const stays = await collect(bus, 'a');
    const left: Message[] = [];
    const unsubscribe = await bus.subscribe('a', 1, (received) => left.push(received));
    await bus.publish(message('a', '1'));
    await until('both', () => stays.length === 1 && left.length === 1);
    await unsubscribe();
    await bus.publish(message('a', '2'));
    await until('the second', () => stays.length === 2);
    assert.deepEqual(left.map(textOf), ['1']);
  });

  void test('a handler that throws harms no other', async (t) => {
    const { bus } = await open(t);
    await bus.subscribe('a', 1, () => {
      throw new Error('a mistake in a handler');
    });
    const good = await collect(bus, 'a');
    await bus.publish(message('a', '1'));
    await bus.publish(message('a', '2'));
    await until('both', () => good.length === 2);
  });
}

function retained(open: Open): void {
  void test('who subscribes later gets the retained messages, told as retained', async (t) => {
    const { bus } = await open(t);
    await bus.publish(message('r/1', 'old', 1, true));
    await bus.publish(message('r/1', 'new', 1, true));
    await bus.publish(message('r/2', 'plain'));
    const later = await collect(bus, 'r/#');
    const { topic, retain } = await first(later);
    assert.deepEqual([topic, later.map(textOf), retain], ['r/1', ['new'], true]);
  });

  void test('a second subscriber of a filter gets the retained messages too', async (t) => {
    const { bus } = await open(t);
    await bus.publish(message('r/1', 'value', 1, true));
    await first(await collect(bus, 'r/1'));
    const second = await first(await collect(bus, 'r/1'));
    assert.deepEqual([textOf(second), second.retain], ['value', true]);
  });

  void test('a live message is told as retained when it was published so, where the broker tells', async (t) => {
    const { bus, url, tellsLiveRetain } = await open(t);
    const live = await collect(bus, 'r/#');
    const client = await connectClient(t, url);
    await client.publish('r/1', 'kept', { qos: 1, retain: true });
    await client.publish('r/2', 'plain', { qos: 1 });
    await until('both', () => live.length === 2);
    assert.deepEqual(
      live.map(({ retain }) => retain),
      [tellsLiveRetain, false],
    );
  });
}

function beforeAck(open: Open): void {
  void test('a handler before the acknowledgement gets what clients and the gateway publish', async (t) => {
    const { bus, url } = await open(t);
    const taken: string[] = [];
    await bus.subscribeBeforeAck('t/+', async (received) => {
      taken.push(textOf(received));
      return Promise.resolve();
    });
    const client = await connectClient(t, url);
    await client.publish('t/1', 'client', { qos: 1 });
    await bus.publish(message('t/2', 'gateway'));
    await until('both', () => taken.length === 2);
    assert.deepEqual(taken.toSorted(), ['client', 'gateway']);
  });

  void test('what a handler rejected comes again, and again until it is taken', async (t) => {
    const { bus, url } = await open(t);
    const attempts: string[] = [];
    await bus.subscribeBeforeAck('t/+', async (received) => {
      attempts.push(textOf(received));
      return attempts.length < 3 ? Promise.reject(new Error('disk full')) : Promise.resolve();
    });
    const client = await connectClient(t, url, { reconnectPeriod: 20, clientId: 'sender', clean: false });
    await client.publish('t/1', 'precious', { qos: 1 });
    await until('three attempts', () => attempts.length >= 3);
    assert.deepEqual(attempts, ['precious', 'precious', 'precious']);
  });

  void test('a filter has one handler before the acknowledgement, and a new one after that left', async (t) => {
    const { bus } = await open(t);
    const leave = await bus.subscribeBeforeAck('t', async () => Promise.resolve());
    await assert.rejects(
      bus.subscribeBeforeAck('t', async () => Promise.resolve()),
      { code: 'internal' },
    );
    await leave();
    const taken: Message[] = [];
    await bus.subscribeBeforeAck('t', async (received) => {
      taken.push(received);
      return Promise.resolve();
    });
    await bus.publish(message('t', 'x'));
    await first(taken);
  });
}
