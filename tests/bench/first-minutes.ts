// Figures of the main job, as a user meets them: from the start to the first telemetry, and a command's way there and
// back without the time that the bus itself takes. Run: npm run bench (after a build). Prints; judges nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import mqtt from 'mqtt';
import { exampleConfig, packageRoot } from '../../gateway/process/paths.js';
import { until } from '../support/waiting.js';

const COMMANDS = 300;
const LAMP = 'iot/greenhouse/device/lamp-1';

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const example = await readFile(exampleConfig, 'utf8');
const firmware = join(packageRoot, 'gateway', 'example', 'firmware');
const config = join(folder, 'gateway.yaml');
await writeFile(
  config,
  `${example.replaceAll('firmware: firmware', `firmware: ${firmware}`)}\nmqtt: { port: 0 }\nhttp: { port: 0 }\nlog: { level: debug }\n`,
);

const startedMs = performance.now();
const program = join(packageRoot, 'dist', 'gateway', 'main.js');
const gateway = spawn(execPath, [program, 'start', '--simulate', '--config', config, '--data', folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
});
const url = await until('the address', () => /^ +MQTT +(\S+)$/m.exec(output)?.[1], 60_000);
const client = await mqtt.connectAsync(url);
// MQTT.js leaves Nagle's algorithm on: its PUBACK and the next PUBLISH then wait 40 ms for the kernel's delayed ACK.
(client.stream as Socket).setNoDelay(true);
await client.subscribeAsync(`${LAMP}/telemetry`, { qos: 1 });
await nextMessage();
console.log(
  `from the start of the process to the first telemetry at a subscriber: ${(performance.now() - startedMs).toFixed(0)} ms`,
);

await client.unsubscribeAsync(`${LAMP}/telemetry`);
await client.subscribeAsync(`${LAMP}/reply/dim`, { qos: 1 });
const trips: { readonly tripMs: number; readonly fromMs: number; readonly toMs: number }[] = [];
for (let n = 0; n < COMMANDS; n++) {
  const fromMs = Date.now();
  const begunMs = performance.now();
  const answered = nextMessage();
  await client.publishAsync(`${LAMP}/command/dim`, String(n % 256), { qos: 1 });
  await answered;
  trips.push({ tripMs: performance.now() - begunMs, fromMs, toMs: Date.now() });
}
gateway.kill('SIGTERM');
await once(gateway, 'close');
await client.endAsync(true);
await rm(folder, { recursive: true });

// What was on the wire meanwhile, whosever it was: the command's write and its reading back, and polls before them.
const wire = output
  .split('\n')
  .filter((line) => line.includes('"simulated transaction"'))
  .map((line) => JSON.parse(line) as { time: string; ms: number })
  .map(({ time, ms }) => ({ atMs: Date.parse(time), ms }));
/** The lamp's rest of 2 ms after each of the two transactions is the bus's time as well. */
const RESTS_MS = 2;
const busMs = ({ fromMs, toMs }: { fromMs: number; toMs: number }): number =>
  wire.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).reduce((sum, { ms }) => sum + ms, RESTS_MS);
const gross = trips.map(({ tripMs }) => tripMs);
const net = trips.map((trip) => Math.max(0, trip.tripMs - busMs(trip)));
console.log(`${String(COMMANDS)} commands, each after the one before: ${quantiles(gross)} (round trip)`);
console.log(`the same without the bus: ${quantiles(net)}`);

function nextMessage(): Promise<void> {
  return new Promise((resolve) => {
    client.once('message', () => {
      resolve();
    });
  });
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
