// What one recorder in the centre takes: the real program, alone at a real Mosquitto, with the samples of a thousand gateways, and
// delivering to a server of MongoDB's protocol, all on this machine. For each rate: how much of what was published is in the store
// at the end, how soon, and what the recorder used. Then what a sample costs there.
// Run: npm run build && node dist/tests/bench/many-gateways.js [rate …]
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BSON, MongoClient, type Collection } from 'mongodb';
import { documentOf, type SampleDocument } from '../../gateway/store/mongo/document.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { replaceOnce, startByConf } from '../support/mqtt/mosquitto-conf.js';
import { findFerretDb, findMongoServer } from '../support/mongo/server.js';
import { cpuSeconds } from '../support/process-cpu.js';
import { startRecorder } from '../support/recorder-process.js';
import type { Ends } from '../support/temporary-folder.js';

const GATEWAYS = 1000;
const PUBLISHERS = 4;
const SECONDS = 10;
const DROPPED = '$SYS/broker/publish/messages/dropped';
/** Of pacing. */
const SLICE_MS = 50;
/** Once nothing more came for so long nothing more will. */
const QUIET_MS = 6000;

const rates = process.argv.slice(2).map(Number).filter(Number.isFinite);
const ends: (() => unknown)[] = [];
const t: Ends = {
  after: (end) => {
    ends.unshift(end);
  },
};
const server = process.argv.includes('ferretdb') ? await findFerretDb() : await findMongoServer();
try {
  if (server !== undefined)
    for (const rate of rates.length > 0 ? rates : [500, 1000, 2000, 4000]) await run(rate);
} finally {
  for (const end of ends) await end();
  await server?.stop();
}

async function run(rate: number): Promise<void> {
  const database = `many_${String(rate)}`;
  const client = await new MongoClient(server?.uri(database) ?? '').connect();
  ends.unshift(() => client.close());
  const stored = client.db(database).collection<SampleDocument>('samples');
  const { url } = await startByConf(t, undefined, ofCentre);
  const recorder = await startRecorder(t, url, { env: { MONGODB_URI: server?.uri(database) ?? '' } });
  const publishers = await Promise.all(Array.from({ length: PUBLISHERS }, () => connectClient(t, url)));
  const pid = recorder.child.pid ?? 0;
  const before = await cpuSeconds(pid);
  const published = await publish(publishers, rate);
  const cpu = ((await cpuSeconds(pid)) - before) / SECONDS;
  const { count, behindMs } = await settled(stored, published);
  await publishers[0]?.subscribe(DROPPED);
  const dropped = (await publishers[0]?.message(DROPPED))?.text ?? '';
  const memory =
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;
  const share = `${String(count)} of ${String(published)} in the store, the last ${(behindMs / 1000).toFixed(1)} s behind, ${dropped} dropped by Mosquitto`;
  const used = `${(cpu * 100).toFixed(0)} % of a core, ${memory.toFixed(0)} MB`;
  console.log(
    `${String(rate)} samples/s of ${String(GATEWAYS)} gateways: ${share}; the recorder used ${used}`,
  );
  if (rate === rates.at(-1) || rates.length === 0) await sizes(stored);
  await recorder.end('SIGTERM');
}

/** What waits for a recorder that is slower for a moment is kept, and what is not is told. */
function ofCentre(text: string): string {
  const roomy = replaceOnce(text, 'max_queued_messages 1000', 'max_queued_messages 100000');
  return `${replaceOnce(roomy, 'max_queued_bytes 8388608', 'max_queued_bytes 0')}\nsys_interval 1\n`;
}

/** Paced, with QoS 1: an eighth of a second of them is under way at the most. */
async function publish(publishers: readonly TestClient[], rate: number): Promise<number> {
  const startedMs = performance.now();
  const open = new Set<Promise<unknown>>();
  let seq = 0;
  while (performance.now() - startedMs < SECONDS * 1000) {
    const due = ((performance.now() - startedMs) / 1000) * rate;
    for (; seq < due; seq += 1) {
      const said = publishers[seq % PUBLISHERS]?.publish(topicOf(seq), payloadOf(seq), { qos: 1 });
      const sent = Promise.resolve(said).finally(() => open.delete(sent));
      open.add(sent);
    }
    await sleep(SLICE_MS);
    if (open.size > rate / 8) await Promise.race(open);
  }
  await Promise.all(open);
  return seq;
}

function topicOf(seq: number): string {
  return `iot/gateway-${String(seq % GATEWAYS)}/device/tank-${String(1 + (seq % 4))}/telemetry`;
}

function payloadOf(seq: number): string {
  return JSON.stringify({ ...sampleOf(seq), gateway: undefined, device: undefined });
}

/** Three fields, as the tank of the example has. */
function sampleOf(seq: number): Parameters<typeof documentOf>[0] {
  const values = { temperature: 21.5 + (seq % 100) / 100, level: 400 + (seq % 900), pump: seq % 100 };
  const place = { gateway: `gateway-${String(seq % GATEWAYS)}`, device: `tank-${String(1 + (seq % 4))}` };
  return { ts: Date.now(), boot: 'mwsein4t-zjetj3', seq, ...place, values };
}

async function settled(
  stored: Collection<SampleDocument>,
  wanted: number,
): Promise<{ count: number; behindMs: number }> {
  const startedMs = performance.now();
  let [count, changedMs] = [0, startedMs];
  for (;;) {
    const now = await stored.countDocuments();
    if (now !== count) [count, changedMs] = [now, performance.now()];
    if (count >= wanted || performance.now() - changedMs > QUIET_MS)
      return { count, behindMs: changedMs - startedMs };
    await sleep(100);
  }
}

async function sizes(stored: Collection<SampleDocument>): Promise<void> {
  const bson = BSON.calculateObjectSize(documentOf(sampleOf(1_234_567)));
  const first = await stored.findOne();
  console.log(`a sample of three fields: ${String(bson)} bytes of BSON; one there: ${JSON.stringify(first)}`);
}
