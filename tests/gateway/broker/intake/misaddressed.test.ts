// A message below the gateway's topics that is for nobody: acknowledged, dropped, and said with the topic that was meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Misaddressed, nearestTopic } from '../../../../gateway/broker/intake/misaddressed.js';
import { RepeatedLines } from '../../../../gateway/logging/repeated-lines.js';
import { startBroker, TOPICS } from '../../../support/mqtt/embedded-broker.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { RecordingLog } from '../../../support/recording-log.js';

const ROOT = TOPICS.root;

void test('the topic that was probably meant is named', () => {
  for (const [wrong, meant] of [
    ['device/lamp-1/set', 'device/lamp-1/command/<name>'],
    ['device/lamp-1/command', 'device/lamp-1/command/<name>'],
    ['device/lamp-1/command/', 'device/lamp-1/command/<name>'],
    ['device/lamp-1/command/dim/now', 'device/lamp-1/command/dim'],
    ['device/lamp-1/set/dim', 'device/lamp-1/command/dim'],
    ['devices/lamp-1/commands/dim', 'device/lamp-1/command/dim'],
    ['lamp-1/command/dim', 'device/lamp-1/command/dim'],
    ['device/station/data', 'device/station/telemetry'],
    ['device/station/telemetry/wind', 'device/station/telemetry'],
    ['request', 'request/<op>'],
    ['request/history/lamp-1', 'request/history'],
    ['', 'device/<device>/command/<name>'],
  ] as const)
    assert.equal(nearestTopic(`${ROOT}/${wrong}`, TOPICS), `${ROOT}/${meant}`, wrong);
});

void test('a client that is wrong is told of once, however often it is', async (t) => {
  const { url, log } = await startBroker(t);
  const client = await connectClient(t, url);
  for (let round = 0; round < 20; round++)
    await client.publish(`${ROOT}/device/lamp-1/set`, '{"level":1}', { qos: 1 });
  await client.publish('elsewhere/device/lamp-1/set', '1', { qos: 1 });
  const [line, ...more] = log.saying('dropped a message');
  assert.match(
    line?.message ?? '',
    /device\/lamp-1\/set\. Meant was probably .*device\/lamp-1\/command\/<name>$/,
  );
  assert.equal(line?.fields['client'], client.mqtt.options.clientId);
  assert.deepEqual(more, []);
});

void test('the same sender again is counted, about other topics as well', async () => {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const misaddressed = new Misaddressed(TOPICS, new RepeatedLines(log, clock));
  for (let round = 0; round < 5; round++) misaddressed.note(`${ROOT}/x/${String(round)}`, { address: 'a' });
  await clock.advance(60_000);
  assert.deepEqual(
    log.saying('dropped a message').map(({ fields }) => fields['again']),
    [undefined, 4],
  );
  assert.match(log.lines.at(-1)?.message ?? '', /x\/4\. Meant was .* \(4 more times since\)$/);
});
