// What is published while the outside broker is away: how much of it waits, what goes, and what is said of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOUNDS } from '../../../../gateway/broker/outside/outgoing/waiting-room.js';
import type { Message } from '../../../../shared/ports.js';
import { freePort, startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import { startOutside } from '../../../support/mqtt/outside-broker.js';
import { until } from '../../../support/waiting.js';

function message(topic: string, text: string): Message {
  return { topic, payload: Buffer.from(text), qos: 1, retain: false };
}

void test('without a broker each kind waits within its own bound, what does not fit is refused and counted', async (t) => {
  const port = await freePort();
  const { outside, log } = await startOutside(t, `mqtt://127.0.0.1:${String(port)}`);
  const refused: string[] = [];
  const say = (topic: string, more: Partial<Message> = {}): void => {
    outside.bus.publish({ ...message(topic, 'x'), ...more }).catch((thrown: unknown) => {
      refused.push(`${topic} ${String((thrown as { code: unknown }).code)}`);
    });
  };
  for (let n = 0; n <= BOUNDS.samples.messages; n += 1) say(`sample/${String(n)}`, { kind: 'sample' });
  for (let n = 0; n <= BOUNDS.replies.messages; n += 1) say(`reply/${String(n)}`, { kind: 'reply' });
  for (const round of [0, 1, 2]) say('state', { retain: true, payload: Buffer.from(String(round)) });
  await until('what did not fit', () => refused.length === 4);
  assert.deepEqual(refused.sort(), [
    `reply/${String(BOUNDS.replies.messages)} broker_unreachable`,
    'sample/0 broker_unreachable',
    'state broker_unreachable',
    'state broker_unreachable',
  ]);
  const { queues } = outside.stats();
  const facts = Object.entries(queues).map(([kind, { waiting, lost }]) => [kind, waiting, lost]);
  assert.deepEqual(facts, [
    ['samples', BOUNDS.samples.messages, 1],
    ['replies', BOUNDS.replies.messages, 1],
    ['states', 1, 0],
    ['notices', 0, 0],
  ]);
  assert.match(outside.ailment ?? '', /is away since .*10000 samples, 2000 replies, 1 states waits/);
  // One line for all that is dropped.
  assert.equal(log.saying('some are dropped').length, 1);
  await outside.stop();
  await until('all to be refused', () => refused.length === 4 + 12_001);
  await assert.rejects(outside.bus.publish(message('a', 'x')), { code: 'closed' });
});

void test(
  'what waited goes out when the broker is there: of a state the newest, the rest in its order',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t);
    await mosquitto.stop();
    const { outside, log } = await startOutside(t, mosquitto.url);
    const sent: Promise<unknown>[] = [];
    for (const round of [1, 2, 3]) {
      sent.push(outside.bus.publish({ ...message('state', String(round)), retain: true }));
      sent.push(outside.bus.publish({ ...message('telemetry', String(round)), kind: 'sample' }));
      sent.push(outside.bus.publish({ ...message('reply', String(round)), kind: 'reply' }));
    }
    const outcomes = Promise.allSettled(sent);
    // Heard by nobody before the broker is there, so a second client's session is made first.
    const ears = await (async (): Promise<TestClient> => {
      await mosquitto.start();
      return connectClient(t, mosquitto.url);
    })();
    await ears.subscribe('state', 1);
    await outcomes;
    await ears.message('state');
    assert.equal(ears.received.at(-1)?.text, '3');
    assert.equal((await outcomes).filter(({ status }) => status === 'rejected').length, 2);
    assert.equal(outside.ailment, undefined);
    await until('the line at the end', () => log.saying('waited for the outside broker').length === 1);
    assert.match(
      log.saying('waited for the outside broker')[0]?.message ?? '',
      /^3 samples, 3 replies, 1 states/,
    );
  },
);
