// The brokers that are compared, each in a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMosquitto, freePort } from '../../support/mosquitto.js';
import type { Measured } from './scenarios.js';

export interface Broker {
  readonly tcp: Measured;
  readonly websocket: Measured;
  residentKiB(): Promise<number>;
  stop(): Promise<void>;
}

const CLOCK_TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());

export async function startEmbedded(...options: readonly string[]): Promise<Broker> {
  const program = new URL('./embedded-process.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ports = JSON.parse(line.toString()) as { readonly tcp: number; readonly websocket: number };
  return brokerOf(child, ports);
}

/** As fast as it goes: nothing is saved, and it may have as many messages on their way as it likes. */
export async function startMosquitto(): Promise<Broker> {
  const binary = findMosquitto();
  if (binary === undefined) throw new Error('Mosquitto is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const ports = { tcp: await freePort(), websocket: await freePort() };
  const file = join(folder, 'mosquitto.conf');
  const lines = [
    `user ${process.env['USER'] ?? 'root'}`,
    `listener ${String(ports.tcp)} 127.0.0.1`,
    `listener ${String(ports.websocket)} 127.0.0.1`,
    'protocol websockets',
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'max_inflight_messages 0',
    'max_queued_messages 0',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  const broker = brokerOf(child, ports);
  const stop = async (): Promise<void> => {
    await broker.stop();
    await rm(folder, { recursive: true });
  };
  return { ...broker, stop };
}

function brokerOf(child: ChildProcess, ports: { readonly tcp: number; readonly websocket: number }): Broker {
  const cpuSeconds = (): Promise<number> => cpuSecondsOf(child.pid ?? 0);
  return {
    tcp: { port: ports.tcp, transport: 'tcp', cpuSeconds },
    websocket: { port: ports.websocket, transport: 'websocket', cpuSeconds },
    residentKiB: async () => {
      const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** proc(5): utime and stime are the 14th and 15th field; the 2nd may hold spaces. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
