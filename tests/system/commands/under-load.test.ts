// Clients that send commands as fast as they can: every one that was taken is answered, also while the gateway stops.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ReplyMessage } from '../../../shared/messages.js';
import { startGateway } from '../../support/gateway-process.js';
import { connectClient, type TestClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const DIM = `${ROOT}/device/lamp-1/command/dim`;
const REPLIES = `${ROOT}/device/lamp-1/reply/dim`;

async function listener(t: TestContext, url: string): Promise<TestClient> {
  const client = await connectClient(t, url);
  await client.subscribe(REPLIES, 1);
  await client.subscribe(`${ROOT}/status`, 1);
  return client;
}

const answered = (client: TestClient): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { topic, text } of client.received) {
    if (topic !== REPLIES) continue;
    const { id } = JSON.parse(text) as ReplyMessage;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

test('every command of a flood is answered once, although nothing but the answers says that it came', async (t) => {
  const gateway = await startGateway(t);
  const ears = await listener(t, gateway.mqttUrl);
  const senders = await Promise.all([0, 1, 2].map(() => connectClient(t, gateway.mqttUrl)));
  const ids: string[] = [];
  for (const [number, { mqtt }] of senders.entries()) {
    for (let sent = 0; sent < 600; sent += 1) {
      const id = `c${String(number)}-${String(sent)}`;
      ids.push(id);
      mqtt.publish(DIM, JSON.stringify({ id, args: { level: sent % 100 } }), { qos: 0 });
    }
  }
  await until('all answers', () => ears.received.length > ids.length, 120_000);
  const counts = answered(ears);
  assert.deepEqual(
    ids.filter((id) => counts.get(id) !== 1),
    [],
  );
});

test('stopped under a load of commands, it answers each it acknowledged, and every client hears that it goes', async (t) => {
  const gateway = await startGateway(t);
  const senders = await Promise.all([0, 1, 2].map(() => listener(t, gateway.mqttUrl)));
  const acknowledged: string[] = [];
  let sent = 0;
  const sendOn = (client: TestClient): void => {
    if (!client.mqtt.connected) return;
    const id = `c-${String((sent += 1))}`;
    client.mqtt.publish(DIM, JSON.stringify({ id, args: { level: sent % 100 } }), { qos: 1 }, (error) => {
      if (error) return;
      acknowledged.push(id);
      sendOn(client);
    });
  };
  const closed = senders.map(
    ({ mqtt }) =>
      new Promise((resolve) =>
        mqtt.once('close', () => {
          resolve(undefined);
        }),
      ),
  );
  for (const client of senders) for (let together = 0; together < 50; together += 1) sendOn(client);
  await until('a load', () => acknowledged.length > 1000, 60_000);
  assert.equal(await gateway.end('SIGTERM'), 0);
  await Promise.all(closed);
  const counts = senders.map(answered);
  for (const [number, client] of senders.entries()) {
    const offline = client.received.filter(
      ({ topic, text }) => topic.endsWith('/status') && text.includes('offline'),
    );
    assert.equal(offline.length, 1, `client ${String(number)} of ${String(senders.length)}`);
  }
  assert.deepEqual(
    acknowledged.filter((id) => counts[0]?.get(id) !== 1),
    [],
  );
});
