// The promise of the recorder: what was acknowledged is on disk, whatever ends the process.
import assert from 'node:assert/strict';
import { identityOf, type RecordedSample, type Sample } from '../../../shared/sample.js';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import { runToEnd } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const ROUNDS = 3;
/** Looks at what is stored; each takes a process. */
const MOST_LOOKS = 30;
const ROOT = 'iot/greenhouse';
/** A client with sensors of its own: not a device of the configuration. */
const STATION = 'weather-station';

async function recorded(
  t: Parameters<typeof runToEnd>[0],
  device: string,
  dataDir: string,
): Promise<string[]> {
  const { output } = await runToEnd(t, [
    'history',
    device,
    '--last',
    '1h',
    '--limit',
    '10000',
    '--format',
    'jsonl',
    '--data',
    dataDir,
  ]);
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => identityOf(JSON.parse(line) as RecordedSample));
}

onBothBrokers(
  'kill -9 while samples stream in: nothing acknowledged is missing, nothing is there twice',
  async (t, start) => {
    const dataDir = await temporaryFolder(t);
    const acknowledged: string[] = [];
    const seen: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const gateway = await start({ dataDir });
      const listener = await connectClient(t, gateway.mqttUrl);
      await listener.subscribe(`${ROOT}/device/tank-1/telemetry`, 1);
      const sender = await connectClient(t, gateway.mqttUrl);
      const publishing = Array.from({ length: 400 }, async (_, seq) => {
        const boot = `round${String(round)}`;
        const sample = { ts: Date.now(), boot, seq, values: { wind: seq / 10 } };
        await sender.publish(`${ROOT}/device/${STATION}/telemetry`, JSON.stringify(sample), { qos: 1 });
        acknowledged.push(identityOf({ boot, device: STATION, seq }));
      });
      const settled = Promise.allSettled(publishing);
      // Somewhere in the stream, with the rest of it under way.
      const enough = acknowledged.length + 1 + Math.floor(Math.random() * 200);
      await until('acknowledgements', () => acknowledged.length >= enough);
      await gateway.end('SIGKILL');
      sender.mqtt.end(true);
      await settled;
      for (const { text } of listener.received)
        seen.push(identityOf({ ...(JSON.parse(text) as Sample), device: 'tank-1' }));
    }
    // What an outside broker has acknowledged waits there, for the next process of the gateway.
    await start({ dataDir });
    let stored: readonly string[] = [];
    let missing: readonly string[] = [];
    for (let look = 0; look < MOST_LOOKS; look++) {
      stored = [...(await recorded(t, STATION, dataDir)), ...(await recorded(t, 'tank-1', dataDir))];
      const known = new Set(stored);
      missing = [...acknowledged, ...seen].filter((identity) => !known.has(identity));
      if (missing.length === 0) break;
    }
    t.diagnostic(
      `${String(ROUNDS)} kills, ${String(acknowledged.length)} acknowledged, ${String(seen.length)} seen by a subscriber`,
    );
    assert.ok(acknowledged.length > 0);
    assert.deepEqual(missing, []);
    assert.equal(new Set(stored).size, stored.length);
  },
);
