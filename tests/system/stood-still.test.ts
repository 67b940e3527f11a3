// The whole process stands still, as in a paused virtual machine: said, and held against nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMessage } from '../../shared/messages.js';
import { parseExposition } from '../gateway/metrics/strict-parser.js';
import { startGateway } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { connectPacket, openRaw } from '../support/mqtt/raw-mqtt.js';
import { until } from '../support/waiting.js';

const ROOT = 'iot/greenhouse';
const PING = Buffer.from([0xc0, 0]);
/** More than the 5 s that a busy process is excused, and than one and a half keep-alives of the client below. */
const STANDSTILL_MS = 9000;

test('after a standstill it is said, no poll is missed, no bus fails, and no client is taken for silent', async (t) => {
  const { child, mqttUrl, pageUrl } = await startGateway(t);
  const watcher = await connectClient(t, mqttUrl, { keepalive: 600 });
  await watcher.subscribe(`${ROOT}/event`, 1);
  await watcher.subscribe(`${ROOT}/device/+/availability`, 1);
  await watcher.subscribe('wills/#', 1);
  const other = await connectClient(t, mqttUrl, { keepalive: 600 });
  await other.subscribe(`${ROOT}/health`, 1);
  const pinging = await openRaw(t, Number(new URL(mqttUrl).port));
  pinging.send(
    connectPacket('pinging', { keepAliveS: 3, will: { topic: 'wills/pinging', text: 'gone', qos: 1 } }),
  );
  const ping = setInterval(() => {
    pinging.send(PING);
  }, 1000);
  t.after(() => {
    clearInterval(ping);
  });
  await until(
    'all devices',
    () => watcher.received.filter(({ text }) => text.includes('online')).length >= 4,
  );
  const before = watcher.received.length;
  const missedBefore = await missedPolls(pageUrl);

  child.kill('SIGSTOP');
  await sleep(STANDSTILL_MS);
  child.kill('SIGCONT');

  const healthsBefore = other.received.length;
  const healths = (): number => other.received.length - healthsBefore;
  const events = (): EventMessage[] =>
    watcher.received
      .slice(before)
      .filter(({ topic }) => topic === `${ROOT}/event`)
      .map(({ text }) => JSON.parse(text) as EventMessage);
  const event = await until('the event', () => events().find(({ type }) => type === 'gateway.stood_still'));
  const saidMs = (event.to ?? 0) - (event.from ?? 0);
  assert.ok(saidMs > STANDSTILL_MS - 2000 && saidMs < STANDSTILL_MS + 60_000, String(saidMs));
  // Two more samples of each device, one and a half keep-alives, and numbers that are of afterwards.
  await until('health of afterwards', () => healths() >= 2, 60_000);
  assert.deepEqual(
    events().map(({ type }) => type),
    ['gateway.stood_still'],
  );
  assert.deepEqual(
    watcher.received.slice(before).filter(({ topic }) => topic !== `${ROOT}/event`),
    [],
    'no will, and no device that is away',
  );
  assert.equal(pinging.closed, false);
  assert.equal(await missedPolls(pageUrl), missedBefore);
});

async function missedPolls(pageUrl: string): Promise<number> {
  const metrics = parseExposition(await (await fetch(new URL('metrics', pageUrl))).text());
  const missed = [...metrics]
    .filter(([name]) => name.includes('missed'))
    .flatMap(([, { samples }]) => [...samples.values()]);
  assert.ok(missed.length > 0);
  return missed.reduce((sum, count) => sum + count, 0);
}
