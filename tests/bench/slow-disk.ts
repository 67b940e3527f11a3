// A disk whose every flush takes 20 ms must not be felt by whoever shares the event loop: the real gateway, with a
// preloaded library that delays fsync and fdatasync, while clients publish 2,000 samples a second with QoS 1. Prints
// the event-loop delay that the gateway says of itself, and whether all was acknowledged.
// Run: npm run build && node dist/tests/bench/slow-disk.js (Linux with a C compiler)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import mqtt from 'mqtt';
import { packageRoot } from '../../gateway/process/paths.js';
import { until } from '../support/waiting.js';

const CLIENTS = 4;
const PER_SECOND = 2000;
const SECONDS = 32;
const EVERY_MS = 10;

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const library = join(folder, 'slow-disk.so');
const source = join(packageRoot, 'tests', 'bench', 'slow-disk.c');
execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'inherit' });
const config = join(folder, 'gateway.yaml');
await writeFile(
  config,
  'gateway: bench\nmqtt: { port: 0 }\nhttp: { port: 0 }\nbuses: {}\ntypes: {}\ndevices: {}\n',
);
const program = join(packageRoot, 'dist', 'gateway', 'main.js');
const gateway = spawn(execPath, [program, 'start', '--config', config, '--data', folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, LD_PRELOAD: library },
});
let output = '';
gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
});
const url = await until('the address', () => /^ +MQTT +(\S+)$/m.exec(output)?.[1], 60_000);

interface Health {
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly outbox: { readonly depth: number };
}
const reports: Health[] = [];
const ears = await mqtt.connectAsync(url);
ears.on('message', (_topic, payload) => reports.push(JSON.parse(payload.toString()) as Health));
await ears.subscribeAsync('iot/bench/health', { qos: 0 });

const clients = await Promise.all(Array.from({ length: CLIENTS }, () => mqtt.connectAsync(url)));
// MQTT.js leaves Nagle's algorithm on: what is measured then is when the kernel acknowledges a segment, not when the disk is done.
for (const client of clients) (client.stream as Socket).setNoDelay(true);
const waits: number[] = [];
let sent = 0;
let failed = 0;
const startedMs = performance.now();
const answers: Promise<void>[] = [];
// Start + k × interval: a timer that comes late is followed by as many as it missed.
while (performance.now() - startedMs < SECONDS * 1000) {
  const due = Math.floor(((performance.now() - startedMs) * PER_SECOND) / 1000);
  for (; sent < due; sent += 1) answers.push(publish(sent));
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
await Promise.all(answers);
// The report that covers the last seconds.
const before = reports.length;
await until('another report', () => (reports.length > before ? true : undefined), 15_000);
for (const client of [...clients, ears]) await client.endAsync(true);
gateway.kill('SIGTERM');
await once(gateway, 'close');
await rm(folder, { recursive: true });

const sorted = waits.toSorted((a, b) => a - b);
const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
console.log(
  `${String(sent)} samples in ${String(SECONDS)} s, each flush takes 20 ms: ${String(waits.length)} acknowledged, ${String(failed)} not; a PUBACK took p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
);
// The first report tells of the start, and the last of a pause.
for (const { eventLoopDelayMs: delay, outbox } of reports.slice(1, -1))
  console.log(
    `event-loop delay over 10 s: p50 ${String(delay.p50)} ms, p99 ${String(delay.p99)} ms, max ${String(delay.max)} ms; ${String(outbox.depth)} wait in the outbox`,
  );

async function publish(seq: number): Promise<void> {
  const client = clients[seq % CLIENTS];
  const values = { temperature: 21.5 + (seq % 100) / 100, level: 400 + (seq % 9), valve: true, pump: 80 };
  const sentMs = performance.now();
  try {
    const topic = `iot/bench/device/tank-${String(seq % CLIENTS)}/telemetry`;
    await client?.publishAsync(topic, JSON.stringify({ boot: 'bench', seq, ts: Date.now(), values }), {
      qos: 1,
    });
    waits.push(performance.now() - sentMs);
  } catch {
    // Counted: it was not acknowledged.
    failed += 1;
  }
}
