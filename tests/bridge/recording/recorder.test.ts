import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { withNext } from '../../../bridge/recording/clock-stretches.js';
import { Recorder, type OwnSource } from '../../../bridge/recording/recorder.js';
import { timeOf, type GivenTime, type SampleTime } from '../../../bridge/recording/sample-time.js';
import type { TimeKeeper } from '../../../bridge/recording/time-keeper.js';
import { GatewayError } from '../../../shared/errors.js';
import { readDeadLetters } from '../../../gateway/store/shell/dead-letters.js';
import type { Outbox } from '../../../shared/stores.js';
import { identityOf } from '../../../shared/sample.js';
import { SiteTopics } from '../../../shared/site-topics.js';
import { openStore } from '../../gateway/store/open-store.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const TOPIC = TOPICS.telemetry('station');

/** The real store, behind a gate that the test opens: a disk that takes its time, or fails. */
async function setUp(t: TestContext, gate: () => Promise<void>, own?: OwnSource, clock = new FakeClock()) {
  const { store, log, dataDir } = await openStore(t);
  const { broker, url } = await startBroker(t);
  const outbox: Outbox = {
    append: async (samples) => {
      await gate();
      await store.outbox.append(samples);
    },
    bury: async (refused) => {
      await gate();
      await store.outbox.bury(refused);
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
  const site = new SiteTopics('iot', ['greenhouse']);
  const parts = {
    site,
    clock,
    log,
    onAccepted,
    time: believed(clock),
    ...(own === undefined ? {} : { own }),
  };
  const recorder = new Recorder({ ...parts, messages: broker.bus, outbox });
  await recorder.start();
  return { recorder, store, dataDir, broker, url, log, wakes: () => wakes };
}

/** A clock that was right all the time. */
function believed(clock: FakeClock): Pick<TimeKeeper, 'timeOf'> {
  const timeOfNow = (given: GivenTime): SampleTime => {
    const clocks = { wallTs: clock.now(), monotonicMs: clock.monotonicMs() };
    const stretches = withNext([], clocks, { run: 'this-run/0', isDoubted: false });
    return timeOf(given, { boot: 'this-run', clocks, stretches });
  };
  return { timeOf: timeOfNow };
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

const OWN = { gateway: 'greenhouse', boot: 'mine' };
const identities = async ({ store }: Awaited<ReturnType<typeof setUp>>): Promise<unknown[]> =>
  (await store.outbox.peek(100)).map(({ sample }) => identityOf(sample));

test('the copy of an own sample that a broker sends back is acknowledged, and neither stored nor counted', async (t) => {
  const there = await setUp(t, () => Promise.resolve(), OWN);
  const { recorder, broker } = there;
  const sample = { ts: 5, boot: 'mine', seq: 0, values: { wind: 3 } };
  assert.equal(await recorder.keep([{ device: 'station', sample }]), true);
  // As it comes from an outside broker, which does not tell whose it is.
  const back = { topic: TOPIC, payload: Buffer.from(JSON.stringify(sample)), qos: 1, retain: false } as const;
  await broker.bus.publish(back);
  assert.deepEqual(await identities(there), ['mine/station/0']);
  assert.deepEqual(recorder.counts(), { accepted: 1, invalid: 0, refused: 0 });
});

test('whoever else uses the boot of this run, or the name of this gateway, is a client with samples of its own', async (t) => {
  const there = await setUp(t, () => Promise.resolve(), OWN);
  const { recorder, broker, url } = there;
  const sample = { ts: 5, boot: 'mine', seq: 0, values: { wind: 3 } };
  await recorder.keep([{ device: 'station', sample }]);
  const outside = async (change: Partial<typeof sample>): Promise<void> => {
    const payload = Buffer.from(JSON.stringify({ ...sample, ...change }));
    await broker.bus.publish({ topic: TOPIC, payload, qos: 1, retain: false });
  };
  await outside({ boot: 'another' });
  await outside({ seq: 7 });
  const client = await connectClient(t, url);
  // By the embedded broker it is known to be a client's: a resend of what was exported, say.
  await client.publish(TOPIC, JSON.stringify(sample), { qos: 1 });
  assert.deepEqual(await identities(there), [
    'mine/station/0',
    'another/station/0',
    'mine/station/7',
    'mine/station/0',
  ]);
});

test('an own sample that the disk refuses is counted, said once, and not taken for kept', async (t) => {
  let failing = true;
  const there = await setUp(
    t,
    () => (failing ? Promise.reject(new GatewayError('store_full', 'the disk is full')) : Promise.resolve()),
    OWN,
  );
  const { recorder, log } = there;
  const sample = { ts: 5, boot: 'mine', values: { wind: 3 } };
  assert.equal(await recorder.keep([{ device: 'station', sample: { ...sample, seq: 0 } }]), false);
  assert.equal(await recorder.keep([{ device: 'station', sample: { ...sample, seq: 1 } }]), false);
  failing = false;
  assert.equal(await recorder.keep([{ device: 'station', sample: { ...sample, seq: 2 } }]), true);
  assert.deepEqual(recorder.counts(), { accepted: 1, invalid: 0, refused: 2 });
  assert.equal(log.messages('error').length, 1);
  assert.deepEqual(await identities(there), ['mine/station/2']);
});

test('a time in another unit, or no clock at all, is never acknowledged and lost', async (t) => {
  const { url, store, recorder, log } = await setUp(t, () => Promise.resolve());
  const client = await connectClient(t, url);
  const now = new FakeClock().now();
  const say = (body: object): Promise<unknown> => client.publish(TOPIC, JSON.stringify(body), { qos: 1 });
  for (const [seq, ts] of [now / 1000, now * 1000, now * 1e6, 5e12].entries())
    await say({ boot: 'wrong', seq, ts, values: { wind: 1 } });
  const good: readonly (readonly [number | string | undefined, number, string | undefined])[] = [
    [now - 5, now - 5, undefined],
    [new Date(now - 5000).toISOString(), now - 5000, undefined],
    // A board whose clock was never set: since 1970, or since 2000.
    [17_000, now, 'unsynchronised'],
    [946_684_800_000, now, 'unsynchronised'],
    [undefined, now, undefined],
    [now + 3_600_000, now + 3_600_000, undefined],
  ];
  for (const [seq, [ts]] of good.entries()) await say({ boot: 'right', seq, ts, values: { wind: 2 } });
  const kept = await store.outbox.peek(20);
  assert.deepEqual(
    kept.map(({ sample: { boot, ts, clock } }) => [boot, ts, clock]),
    good.map(([, ts, clock]) => ['right', ts, clock]),
  );
  assert.deepEqual([recorder.counts().accepted, recorder.counts().invalid], [6, 4]);
  const refused = recorder.counts().invalidByDevice?.['station'];
  assert.deepEqual([refused?.count, refused?.code], [4, 'bad_payload']);
  assert.match(refused?.message ?? '', /^ts: 5000000000000 is in the year 2128/);
  assert.match(log.messages('warn').join('\n'), /ts: 1767000000 looks like seconds: multiply by 1000/);
});

test('where this clock was never set either, nothing is judged by it', async (t) => {
  const { url, store } = await setUp(t, () => Promise.resolve(), undefined, new FakeClock(1_300_000_000));
  const client = await connectClient(t, url);
  // 1,300,000,000 ms are two weeks of 1970, and would be seconds of 2011.
  for (const [seq, ts] of [1_300_000_100, 4000, 1_767_000_000_000].entries())
    await client.publish(TOPIC, JSON.stringify({ boot: 'b', seq, ts, values: { wind: 1 } }), { qos: 1 });
  const kept = await store.outbox.peek(20);
  assert.deepEqual(
    kept.map(({ sample: { ts, clock } }) => [ts, clock]),
    [1_300_000_100, 4000, 1_767_000_000_000].map((ts) => [ts, undefined]),
  );
});

test('who sends what is none is counted by name, and names do not pile up', async (t) => {
  const { url, recorder } = await setUp(t, () => Promise.resolve());
  const client = await connectClient(t, url);
  for (let device = 0; device < 300; device++)
    await client.publish(TOPICS.telemetry(`d${String(device)}`), '{"values":{"a":{}}}', { qos: 1 });
  for (let round = 0; round < 3; round++) await client.publish(TOPIC, '{"values":{"t":1', { qos: 1 });
  const { invalid, invalidByDevice = {} } = recorder.counts();
  assert.equal(invalid, 303);
  assert.deepEqual(invalidByDevice['station']?.count, 3);
  assert.match(invalidByDevice['station'].message, /it ends at byte 16/);
  assert.ok(Object.keys(invalidByDevice).length <= 10);
});

test('telemetry that is no sample is acknowledged when it is on disk as a dead letter, whatever its bytes', async (t) => {
  let failing = true;
  const there = await setUp(t, () =>
    failing ? Promise.reject(new GatewayError('store_full', 'the disk is full')) : Promise.resolve(),
  );
  const { recorder, url, store, dataDir } = there;
  const client = await connectClient(t, url, { reconnectPeriod: 50, clean: false, clientId: 'station' });
  const inSeconds = client.publish(TOPIC, '{"ts":1795000000,"values":{"wind":3}}', { qos: 1 });
  await until('a refusal', () => recorder.counts().refused >= 1);
  failing = false;
  await inSeconds;
  await client.mqtt.publishAsync(TOPIC, Buffer.from([0x7b, 0, 0xff]), { qos: 1 });
  await client.mqtt.publishAsync(TOPIC, Buffer.alloc(100_000, 'x'), { qos: 1 });
  // The broker keeps it, and would hand it over at each subscription.
  await client.publish(TOPIC, '{"values":{"wind":4}}', { qos: 1, retain: true });

  const { depth, deadLetters } = await store.outbox.stats();
  assert.deepEqual([depth, deadLetters], [0, 3]);
  // However often the disk refused it.
  assert.equal(recorder.counts().invalid, 4);
  const letters = await readDeadLetters(dataDir, 10);
  const shown = letters.map(({ sample }) => ('refused' in sample ? [sample.topic, sample.refused] : []));
  assert.deepEqual(shown[0], [TOPIC, '{"ts":1795000000,"values":{"wind":3}}']);
  assert.deepEqual(shown[1], [TOPIC, '{\u0000\ufffd']);
  assert.equal(shown[2]?.[1]?.length, 65_536);
  assert.match(letters[0]?.reason ?? '', /^bad_payload: .*seconds/);
  assert.match(letters[2]?.reason ?? '', /^too_large: /);
});
