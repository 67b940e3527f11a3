// What the gateway retained at an outside broker is there again after the broker lost its memory. Against Mosquitto.
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { SaidRetained } from '../../../../gateway/broker/outside/remembered/said-retained.js';
import type { Message } from '../../../../shared/ports.js';
import { startMosquitto, withoutMosquitto, type Mosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startOutside, STATUS_TOPIC, type TestOutside } from '../../../support/mqtt/outside-broker.js';
import { until, untilAsync } from '../../../support/waiting.js';

const forgetful = (port: number): string =>
  `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n`;

function retained(topic: string, text: string, qos: 0 | 1 = 1): Message {
  return { topic, payload: Buffer.from(text), qos, retain: true };
}

/** All that a client finds that comes now, but the gateway's status. */
async function found(t: TestContext, { url }: Mosquitto, count: number): Promise<string[]> {
  const client = await connectClient(t, url);
  await client.subscribe('#', 1);
  const texts = (): string[] => [
    ...new Set(
      client.received
        .filter(({ topic }) => topic !== STATUS_TOPIC)
        .map(({ topic, text }) => `${topic} ${text}`),
    ),
  ];
  await until(`${String(count)} topics, got ${texts().join()}`, () => texts().length >= count);
  return texts().sort();
}

const connects = ({ outside }: TestOutside): number => outside.stats().connects;
const repeats = ({ outside }: TestOutside): number => outside.stats().retained.repeats;

void describe('retained messages at an outside broker', { skip: withoutMosquitto }, () => {
  void test('are said again, the newest of each topic, when it has lost its memory', async (t) => {
    const mosquitto = await startMosquitto(t, forgetful);
    const made = await startOutside(t, mosquitto.url);
    const { bus } = made.outside;
    await bus.publish(retained('a', 'old'));
    await bus.publish(retained('gone', 'x'));
    await bus.publish(retained('light', '5', 0));
    for (let index = 0; index < 120; index++) await bus.publish(retained(`many/${String(index)}`, 'm'));
    await bus.publish(retained('a', 'new'));
    await bus.publish(retained('gone', ''));
    await bus.publish({ topic: 'live', payload: Buffer.from('once'), qos: 1, retain: false });
    for (let round = 1; round <= 2; round++) {
      await mosquitto.stop();
      await mosquitto.start();
      const texts = await found(t, mosquitto, 122);
      assert.deepEqual(
        texts.filter((text) => !text.startsWith('many/')),
        ['a new', 'light 5'],
      );
      assert.equal(repeats(made), round);
    }
  });

  void test('are said again when it comes back with an older memory and says that it has the session', async (t) => {
    let folder = '';
    const mosquitto = await startMosquitto(t, (port, own) => {
      folder = own;
      return forgetful(port).replace('persistence false', `persistence true\npersistence_location ${own}/`);
    });
    const made = await startOutside(t, mosquitto.url);
    await made.outside.bus.publish(retained('availability', 'online'));
    await made.outside.bus.publish(retained('state', '1'));
    mosquitto.save();
    await untilAsync('the file', async () => {
      const names = await readdir(folder);
      return names.includes('mosquitto.db') && (await stat(join(folder, 'mosquitto.db'))).size > 0;
    });
    await made.outside.bus.publish(retained('availability', 'offline'));
    await made.outside.bus.publish(retained('state', '2'));
    await mosquitto.kill();
    await mosquitto.start();
    await until('everything to be said again', () => repeats(made) === 1);
    await untilAsync(
      'the newest',
      async () => (await found(t, mosquitto, 2)).join() === 'availability offline,state 2',
    );
  });

  void test('are not said again when it kept them', async (t) => {
    const mosquitto = await startMosquitto(t);
    const made = await startOutside(t, mosquitto.url);
    const { bus } = made.outside;
    await bus.publish(retained('a', '1'));
    await bus.publish(retained('b', '2'));
    const before = connects(made);
    await mosquitto.stop();
    // Waits behind the question, which must not take it for the answer.
    const waiting = bus.publish(retained('b', '3'));
    await mosquitto.start();
    await waiting;
    await until('the connection', () => connects(made) > before);
    await until('the question to be over', () => made.outside.stats().messagesIn > 0);
    // Taken behind the end of the question.
    await bus.publish(retained('c', '4'));
    assert.equal(repeats(made), 0);
  });
});

void test('what is remembered to be said again has bounds in topics and in bytes, and counts beyond', () => {
  const said = new SaidRetained({ maxTopics: 2, maxBytes: 350 });
  said.say(retained('a', '1'));
  said.say(retained('b', 'x'.repeat(100)));
  said.say(retained('c', '3'));
  assert.deepEqual([said.topics, said.forgotten], [['a', 'b'], 1]);
  said.say(retained('b', 'x'.repeat(300)));
  assert.deepEqual([said.topics, said.forgotten, said.bytes], [['a'], 2, 102]);
});
