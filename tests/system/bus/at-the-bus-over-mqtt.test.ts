// Who looks for a fault from a desk: scan, read and trace over MQTT, through the queue of the gateway that runs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ExplainedTransaction } from '../../../bridge/trace/explain.js';
import type { ScanReport } from '../../../bridge/requests/scan-bus.js';
import { startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly data?: unknown;
  readonly error?: { readonly code: string };
}

test('scan, read and trace are answered over MQTT, a trace with its fields; a write is refused and answered', async (t) => {
  const { mqttUrl, child } = await startGateway(t);
  const client = await connectClient(t, mqttUrl);
  await client.subscribe(`${ROOT}/response/+`, 1);
  await client.subscribe(`${ROOT}/device/tank-1/telemetry`, 1);
  let ids = 0;
  const ask = async (op: string, data: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const id = `ask-${String((ids += 1))}`;
    await client.publish(`${ROOT}/request/${op}`, JSON.stringify({ id, ...data }), { qos: 1 });
    return until(`the answer to ${op}`, () =>
      client.received
        .filter(({ topic }) => topic === `${ROOT}/response/${op}`)
        .map(({ text }) => JSON.parse(text) as Answer)
        .find((answer) => answer.id === id),
    );
  };
  const telemetry = await client.message(`${ROOT}/device/tank-1/telemetry`);

  const scan = await ask('scan', {});
  assert.ok((scan.data as ScanReport).found.some(({ device }) => device === 'lamp-1'));
  const read = await ask('read', { device: 'tank-1', read: 1 });
  assert.equal(read.status, 'ok', JSON.stringify(read));
  const refused = await ask('write', { device: 'lamp-1', write: '20 80' });
  assert.deepEqual([refused.status, refused.error?.code], ['error', 'forbidden']);

  const trace = await ask('trace', { device: 'tank-1', last: 100 });
  const { devices } = trace.data as { devices: Record<string, ExplainedTransaction[]> };
  assert.deepEqual(Object.keys(devices), ['tank-1']);
  const { ts, values } = JSON.parse(telemetry.text) as { ts: number; values: Record<string, unknown> };
  // It is noted a moment after the sample got its time; the next one comes a second later.
  const sampled = devices['tank-1']?.find((one) => one.values !== undefined && Math.abs(one.ts - ts) < 500);
  assert.match(sampled?.read ?? '', /^([0-9A-F]{2} )+[0-9A-F]{2}$/);
  assert.deepEqual(sampled?.values, values);
  const last = await ask('trace', { last: 2 });
  const lengths = Object.values((last.data as { devices: Record<string, unknown[]> }).devices).map(
    ({ length }) => length,
  );
  assert.ok(lengths.length > 1 && Math.max(...lengths) === 2, lengths.join());
  const unknown = await ask('trace', { device: 'nobody' });
  assert.equal(unknown.error?.code, 'unknown_device');
  // The driver is loaded where a real bus is chosen, and here none is.
  const maps = `/proc/${String(child.pid)}/maps`;
  if (existsSync(maps)) assert.doesNotMatch(readFileSync(maps, 'utf8'), /i2c\.node/);
});
