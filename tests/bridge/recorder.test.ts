import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Recorder } from '../../bridge/recorder.js';
import { GatewayError } from '../../shared/errors.js';
import type { Outbox } from '../../shared/ports.js';
import { SiteTopics } from '../../shared/site-topics.js';
import { openStore } from '../gateway/store/open-store.js';
import { startBroker, TOPICS } from '../support/embedded-broker.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { connectClient } from '../support/mqtt-client.js';
import { until } from '../support/waiting.js';

const TOPIC = TOPICS.telemetry('station');

/** The real store, behind a gate that the test opens: a disk that takes its time, or fails. */
async function setUp(t: TestContext, gate: () => Promise<void>) {
  const { store, log } = await openStore(t);
  const { broker, url } = await startBroker(t);
  const outbox: Outbox = {
    append: async (samples) => {
      await gate();
      await store.outbox.append(samples);
    },
    peek: (limit) => store.outbox.peek(limit),
    settle: (delivered, poisoned) => store.outbox.settle(delivered, poisoned),
    query: (query) => store.outbox.query(query),
    stats: () => store.outbox.stats(),
  };
  let wakes = 0;
  const onAccepted = (): void => {
    wakes += 1;
  };
  const parts = { site: new SiteTopics('iot', ['greenhouse']), clock: new FakeClock(), log, onAccepted };
  const recorder = new Recorder({ ...parts, messages: broker.bus, outbox });
  await recorder.start();
  return { recorder, store, url, log, wakes: () => wakes };
}

test('a sender gets its acknowledgement only when its sample is on disk', async (t) => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let asked = false;
  const { url, store, recorder, wakes } = await setUp(t, () => {
    asked = true;
    return opened;
  });
  const client = await connectClient(t, url);
  let acknowledged = false;
  const publishing = client.publish(TOPIC, '{"values":{"wind":3}}', { qos: 1 }).then(() => {
    acknowledged = true;
  });
  await until('the append', () => asked);
  // A round trip of the same connection's later packet would overtake nothing: give an early PUBACK time to arrive.
  for (let turn = 0; turn < 50; turn++) await settled();
  assert.equal(acknowledged, false);
  open();
  await publishing;
  const [entry] = await store.outbox.peek(10);
  assert.deepEqual(entry?.sample.values, { wind: 3 });
  assert.deepEqual([recorder.counts().accepted, wakes()], [1, 1]);
});

test('what the disk refuses is not acknowledged: the sender keeps it and sends it again', async (t) => {
  let failing = true;
  const { url, store, log, recorder } = await setUp(t, () =>
    failing ? Promise.reject(new GatewayError('store_full', 'the disk is full')) : Promise.resolve(),
  );
  const client = await connectClient(t, url, { reconnectPeriod: 50, clean: false, clientId: 'station' });
  const publishing = client.publish(TOPIC, '{"boot":"b","seq":1,"values":{"wind":3}}', { qos: 1 });
  await until('two refusals', () => recorder.counts().refused >= 2);
  failing = false;
  await publishing;
  assert.deepEqual(
    (await store.outbox.peek(10)).map(({ sample }) => sample.seq),
    [1],
  );
  // A line when it begins and a line when it ends, however often it was tried.
  assert.equal(log.messages('error').filter((line) => line === 'samples are not accepted').length, 1);
  assert.equal(log.messages('info').filter((line) => line === 'samples are accepted again').length, 1);
});

test('while the gateway stops nothing is acknowledged any more', async (t) => {
  const { url, recorder, store } = await setUp(t, () => Promise.resolve());
  await recorder.stop();
  const client = await connectClient(t, url);
  void client.publish(TOPIC, '{"values":{"wind":3}}', { qos: 1 }).catch(() => undefined);
  await until('the connection to be ended', () => !client.mqtt.connected);
  assert.deepEqual(await store.outbox.peek(10), []);
});
