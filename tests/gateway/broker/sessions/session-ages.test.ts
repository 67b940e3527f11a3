// What grows old with a client's absence, over restarts and whatever the wall clock does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  absent,
  connectRaw,
  count,
  killed,
  leave,
  say,
  startRun,
} from '../../../support/mqtt/broker-runs.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { answerPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until, untilAsync } from '../../../support/waiting.js';

const PUBREC = 5;
const PUBREL = 6;

const CLOCK_START = Date.UTC(2026, 10, 23);

void test('an owed PUBREL does not grow old', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const run = await startRun(t, folder, clock, { maxQueuedAgeMs: 10_000 });
  const client = await connectRaw(t, run, 'c');
  client.send(subscribePacket('a', 2));
  await client.bytes(9);
  await run.broker.bus.publish({ topic: 'a', payload: Buffer.from('x'), qos: 2, retain: false });
  await until('the message', () => count(client, 3) === 1);
  const id =
    packetsIn(client.received)
      .find(({ type }) => type === 3)
      ?.body.readUInt16BE(3) ?? 0;
  client.send(answerPacket(PUBREC, id));
  await until('the PUBREL', () => count(client, PUBREL) === 1);
  await leave(client, run);
  await clock.advance(100_000);
  const back = await connectRaw(t, run, 'c');
  await until('the PUBREL again', () => count(back, PUBREL) === 1);
  assert.equal(run.broker.stats().droppedQueued, 0);
});

void test('what waited too long stays away over a restart, and ages go on where they were', async (t) => {
  const [clock, folder] = [new FakeClock(CLOCK_START), await temporaryFolder(t)];
  const limits = { maxQueuedAgeMs: 100_000, sessionExpiryMs: 300_000 };
  const first = await startRun(t, folder, clock, limits);
  await absent(t, first, 'c');
  await say(first, 'q/1', 'old');
  await clock.advance(60_000);
  await say(first, 'q/1', 'young');
  await clock.advance(60_000);
  assert.equal(first.broker.stats().droppedQueued, 1);
  await untilAsync('it is on disk', async () => (await first.written()).includes('["dropped","c"'));
  const second = await startRun(t, await killed(t, first), clock, limits);
  assert.deepEqual([second.broker.stats().stored, second.broker.stats().droppedQueued], [1, 0]);
  await clock.advance(60_000);
  assert.deepEqual([second.broker.stats().stored, second.broker.stats().droppedQueued], [0, 1]);
  const third = await startRun(t, await killed(t, second), clock, limits);
  assert.equal(third.broker.stats().clientsAway, 1);
  await clock.advance(150_000);
  assert.deepEqual([third.broker.stats().clientsAway, third.broker.stats().expiredSessions], [0, 1]);
});

void test('time without the gateway counts where the clock can be believed; a clock that is set ends nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const limits = { maxQueuedAgeMs: 600_000, sessionExpiryMs: 600_000 };
  const clock = new FakeClock(CLOCK_START);
  const first = await startRun(t, folder, clock, limits);
  await absent(t, first, 'c');
  await say(first, 'q/1', 'x');
  clock.jumpWallClock(10 * 86_400_000);
  await clock.advance(70_000);
  clock.jumpWallClock(-20 * 86_400_000);
  await clock.advance(70_000);
  assert.deepEqual([first.broker.stats().clientsAway, first.broker.stats().stored], [1, 1]);
  await first.stop();
  const unset = await startRun(t, await killed(t, first), new FakeClock(0), limits);
  assert.equal(unset.broker.stats().clientsAway, 1);
  clock.jumpWallClock(3_600_000);
  const late = await startRun(t, folder, clock, limits);
  await clock.advance(70_000);
  assert.deepEqual([late.broker.stats().clientsAway, late.broker.stats().stored], [0, 0]);
});

void test('a client that comes and goes between two looks begins its absence anew', async (t) => {
  const [clock, folder] = [new FakeClock(), await temporaryFolder(t)];
  const run = await startRun(t, folder, clock, { sessionExpiryMs: 600_000 });
  await absent(t, run, 'c');
  await clock.advance(595_000);
  await leave(await connectRaw(t, run, 'c'), run);
  await clock.advance(100_000);
  assert.equal(run.broker.stats().clientsAway, 1);
  const reader = await connectClient(t, run.url, { clientId: 'c', clean: false });
  await say(run, 'q/1', 'x');
  assert.deepEqual(await reader.texts(1), ['x']);
});
