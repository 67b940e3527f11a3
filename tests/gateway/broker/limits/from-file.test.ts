// Every limit that the configuration can set reaches the part that holds it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KnownBoots } from '../../../../gateway/broker/outside/rivals/known-boots.js';
import { openBroker } from '../../../../gateway/broker/open.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { Doorkeeper } from '../../../../gateway/broker/rights/doorkeeper.js';
import { parseConfig } from '../../../../gateway/config/load.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import type { GatewayConfig, LimitSettings } from '../../../../shared/config/config.js';
import { limits } from '../../../../shared/config/schema/network.js';
import { TOPICS } from '../../../support/mqtt/embedded-broker.js';
import { openRaw, openRawClient } from '../../../support/mqtt/raw-mqtt.js';
import { RecordingLog } from '../../../support/recording-log.js';

type Row = readonly [key: string, text: string, name: keyof LimitSettings, value: number];

const TABLE: readonly Row[] = [
  ['connections', '7', 'maxConnections', 7],
  ['connections_per_address', '6', 'maxConnectionsPerAddress', 6],
  ['pending', '5', 'maxPending', 5],
  ['connect_timeout', '3s', 'connectTimeoutMs', 3000],
  ['packet', '9KB', 'maxPacketBytes', 9 * 1024],
  ['topic_levels', '4', 'maxTopicLevels', 4],
  ['topic_length', '80', 'maxTopicBytes', 80],
  ['publishes_per_second', '11', 'maxPublishesPerSecond', 11],
  ['bytes_per_second', '12KB', 'maxBytesPerSecond', 12 * 1024],
  ['inflight', '13', 'maxInflightInbound', 13],
  ['inflight_out', '14', 'maxInflightOutbound', 14],
  ['subscriptions', '15', 'maxSubscriptions', 15],
  ['write_buffer', '2MB', 'maxWriteBufferBytes', 2 * 1024 * 1024],
  ['write_buffer_total', '3MB', 'maxBacklogBytes', 3 * 1024 * 1024],
  ['queued_messages', '16', 'maxQueuedMessages', 16],
  ['queued_bytes', '17KB', 'maxQueuedBytes', 17 * 1024],
  ['queued_bytes_total', '27KB', 'maxQueuedTotalBytes', 27 * 1024],
  ['queued_age', '18m', 'maxQueuedAgeMs', 18 * 60_000],
  ['sessions', '19', 'maxSessions', 19],
  ['session_expiry', '20h', 'sessionExpiryMs', 20 * 3_600_000],
  ['retained_messages', '21', 'maxRetained', 21],
  ['retained_bytes', '22KB', 'maxRetainedBytes', 22 * 1024],
  ['websocket_frame', '23KB', 'maxWebSocketFrameBytes', 23 * 1024],
];

function configured(lines: string): GatewayConfig {
  return parseConfig(
    `gateway: greenhouse
mqtt: { port: 0 }
buses: { main: { path: /dev/i2c-1 } }
types:
  tank: { samples: [{ every: 1s, read: 1, fields: { level: { type: uint8 } } }] }
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
limits: { ${lines} }
`,
    'limits.yaml',
  );
}

for (const [key, text, name, value] of TABLE) {
  void test(`limits.${key} of the file is the broker's ${name}, and nothing else`, () => {
    assert.deepEqual(configured(`${key}: ${text}`).limits, { [name]: value });
    // The frame's bound is the web server's (gateway/parts/web.ts).
    if (name !== 'maxWebSocketFrameBytes') assert.ok(name in DEFAULT_LIMITS);
  });
}

void test('no key of limits is missing here', () => {
  assert.deepEqual(
    TABLE.map(([key]) => key),
    Object.keys(limits.shape),
  );
});

void test('what the file says is what the broker does', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'limits-'));
  const [clock, log] = [new SystemClock(), new RecordingLog()];
  const doorkeeper = new Doorkeeper({ clock, log, anonymous: true });
  const config = configured('connections_per_address: 2');
  const broker = openBroker({
    ...{ config, dataDir, clock, log, doorkeeper },
    topics: TOPICS,
    boots: new KnownBoots('b'),
    version: '0',
  });
  await doorkeeper.start();
  await broker.start();
  await broker.door.start();
  t.after(async () => {
    await broker.door.stop();
    await broker.stop();
    await doorkeeper.stop();
    await rm(dataDir, { recursive: true });
  });
  const port = Number(new URL(broker.url).port);
  await openRawClient(t, port, 'one');
  await openRawClient(t, port, 'two');
  const third = await openRaw(t, port);
  await third.untilClosed();
});
