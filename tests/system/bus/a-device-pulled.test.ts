// A device is pulled off the bus and put back: the others don't notice, and it comes back by itself.
import assert from 'node:assert/strict';
import type { AvailabilityMessage, EventMessage, ReplyMessage } from '../../../shared/messages.js';
import type { Sample } from '../../../shared/sample.js';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';

function all<T>(client: TestClient, topic: string): T[] {
  return client.received
    .filter((message) => message.topic === topic)
    .map(({ text }) => JSON.parse(text) as T);
}

async function plug(client: TestClient, plugged: boolean): Promise<void> {
  await client.publish(`${ROOT}/request/simulate`, JSON.stringify({ device: 'tank-1', plugged }), { qos: 1 });
}

async function isSaid(client: TestClient, state: string): Promise<AvailabilityMessage> {
  return until(
    `tank-1 ${state}`,
    () => {
      const last = all<AvailabilityMessage>(client, `${ROOT}/device/tank-1/availability`).at(-1);
      return last?.state === state && last;
    },
    20_000,
  );
}

onBothBrokers(
  'a pulled device is said to be offline, costs the others nothing, and is back when it is put back',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe(`${ROOT}/#`, 1);
    await isSaid(client, 'online');

    await plug(client, false);
    const offline = await isSaid(client, 'offline');
    assert.equal(offline.reason, 'no_ack');
    await client.publish(`${ROOT}/device/tank-1/command/pump`, '{"id":"gone","args":{"speed":5}}', {
      qos: 1,
    });
    const reply = JSON.parse((await client.message(`${ROOT}/device/tank-1/reply/pump`)).text) as ReplyMessage;
    assert.deepEqual([reply.id, reply.status, reply.error?.code], ['gone', 'failed', 'no_ack']);

    await plug(client, true);
    await isSaid(client, 'online');
    const samples = all<Sample>(client, `${ROOT}/device/tank-1/telemetry`).length;
    await until(
      'samples again',
      () => all<Sample>(client, `${ROOT}/device/tank-1/telemetry`).length >= samples + 2,
    );

    const events = all<EventMessage>(client, `${ROOT}/event`).filter(({ device }) => device === 'tank-1');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['device.degraded', 'device.offline', 'device.online'],
    );
    // The neighbour lost none of its polls: its numbers have no gap, and none was missed.
    const neighbour = all<Sample>(client, `${ROOT}/device/tank-2/telemetry`).map(({ seq }) => seq);
    assert.deepEqual(
      neighbour,
      neighbour.map((_, index) => (neighbour[0] ?? 0) + index),
    );
  },
);
