// What a sample costs the disk, the whole way: the newest ahead of the tables, history, logbook, the broker's journal, log
// files and SQLite's own log, as the kernel counts it for every process of the gateway (/proc/<pid>/io, `write_bytes`: pages
// that are to be written, 4096 bytes each). Eight devices at 100 ms on simulated buses.
// Run: node dist/tests/bench/wear.js [minutes, default 3] [devices]. Prints; judges nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { packageRoot } from '../../gateway/process/paths.js';
import { until } from '../support/waiting.js';

const minutes = Number(argv[2] ?? 3);
const devices = Number(argv[3] ?? 8);
const perSecond = devices * 10;
/** Until the first samples have been moved into the history. */
const WARM_UP_MS = 70_000;
const CARD_BYTES = 100e12;
const YEAR_S = 365.25 * 86_400;

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const config = join(folder, 'gateway.yaml');
const named = Array.from(
  { length: devices },
  (_, n) => `  d${String(n)}: { type: t, bus: main, address: ${String(0x10 + n)} }\n`,
);
await writeFile(
  config,
  `gateway: wear
mqtt: { port: 0 }
http: { port: 0 }
buses: { main: { path: /dev/i2c-9, speed: 5000000 } }
types:
  t:
    rest: 0ms
    samples: [{ every: 100ms, write: [0], read: 8, fields: { a: { type: uint16le }, b: { type: uint16le } } }]
devices:
${named.join('')}`,
);
const program = join(packageRoot, 'dist', 'gateway', 'main.js');
const gateway = spawn(
  execPath,
  [program, 'start', '--simulate', '--config', config, '--data', join(folder, 'data')],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
let output = '';
gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
  output = (output + text).slice(-10_000);
});
await until('the address', () => /^ +MQTT +(\S+)$/m.test(output), 60_000);
await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
const [before, begunMs] = [await written(gateway.pid ?? 0), performance.now()];
await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
const seconds = (performance.now() - begunMs) / 1000;
const bytes = (await written(gateway.pid ?? 0)) - before;
gateway.kill('SIGTERM');
await once(gateway, 'close');
await rm(folder, { recursive: true });

const perSample = bytes / (seconds * perSecond);
console.log(
  `${String(perSecond)} samples a second, ${minutes.toFixed(1)} minutes: ${perSample.toFixed(0)} bytes written for each`,
);
console.log(
  `a card that bears 100 TB lasts ${(CARD_BYTES / ((bytes / seconds) * YEAR_S)).toFixed(0)} years of that`,
);

/** Of the process and all of its children. */
async function written(pid: number): Promise<number> {
  const io = await readFile(`/proc/${String(pid)}/io`, 'utf8');
  let sum = Number(/^write_bytes: (\d+)$/m.exec(io)?.[1]);
  for (const task of await readdir(`/proc/${String(pid)}/task`)) {
    const children = await readFile(`/proc/${String(pid)}/task/${task}/children`, 'utf8');
    for (const child of children.split(' ').filter(Boolean)) sum += await written(Number(child));
  }
  return sum;
}
