// A client gone wild: what it sends is refused, and costs neither the log nor the readings of others.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const MESSAGES = 2000;

test('two thousand wrong messages of a kind are a few lines in the log, and their number', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}/device/lamp-1/reply/dim`);
  for (const [topic, payload] of [
    ['device/lamp-1/command/dim', '{{{'],
    ['device/tank-1/telemetry', 'no sample'],
    ['request/nonsense', '{}'],
  ] as const) {
    const all = Array.from({ length: MESSAGES }, () =>
      client.publish(`${ROOT}/${topic}`, payload, { qos: 1 }),
    );
    await Promise.all(all);
  }
  // Every one is answered all the same.
  await client.texts(MESSAGES);
  const file = async (): Promise<string[]> => {
    const folder = join(gateway.dataDir, 'logs');
    const names = await readdir(folder);
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.join('').split('\n');
  };
  await until('the numbers', () => gateway.output().split('more lines like those').length > 3, 30_000);
  const lines = await file();
  assert.ok(lines.length < 600, `${String(lines.length)} lines`);
  assert.ok(lines.every((line) => line.length < 1000));
});

test('a flood of commands drops no sample', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}/health`);
  for (let sent = 0; sent < 10_000; sent += 1)
    client.mqtt.publish(`${ROOT}/device/lamp-1/command/dim`, '{{{', { qos: 0 });
  const publishing = (): { published: number; dropped: number; answers: { published: number } } | undefined =>
    client.received
      .map(({ text }) => JSON.parse(text) as { publishing: ReturnType<typeof publishing> })
      .findLast(({ publishing: counts }) => (counts?.answers.published ?? 0) > 1000)?.publishing;
  const counts = await until('the numbers after the flood', publishing, 30_000);
  assert.equal(counts.dropped, 0);
});
