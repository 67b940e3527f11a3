// The brokers that are compared, each in a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMosquitto, freePort } from '../../support/mqtt/mosquitto.js';
import { LOGIN } from './peer.js';
import type { Measured } from './scenarios.js';

export interface Broker {
  readonly tcp: Measured;
  readonly websocket: Measured;
  residentKiB(): Promise<number>;
  stop(): Promise<void>;
}

export interface Users {
  readonly folder: string;
  readonly passwordFile: string;
  readonly aclFile: string;
}

const CLOCK_TICKS = Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** Users and rights for both brokers, in a folder of their own. */
export async function makeUsers(): Promise<Users> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const passwordFile = join(folder, 'passwd');
  const aclFile = join(folder, 'acl');
  await writeFile(passwordFile, '');
  execFileSync('mosquitto_passwd', ['-b', passwordFile, LOGIN.user, LOGIN.password]);
  const others = Array.from({ length: 20 }, (_, index) => `topic readwrite other/${String(index)}/#`);
  const own = ['bench', 'request', 'answer'].map((topic) => `topic readwrite ${topic}`);
  // Mosquitto goes through the lines for every delivery: what is used stands first, which is the best for it.
  const lines = [`user ${LOGIN.user}`, ...own, ...others, 'pattern readwrite client/%c/#'];
  await writeFile(aclFile, `${lines.join('\n')}\n`);
  return { folder, passwordFile, aclFile };
}

/** As the product runs it: with its journal. */
export async function startEmbedded(users: Users, ...options: string[]): Promise<Broker> {
  const { folder, passwordFile, aclFile } = users;
  const program = new URL('./embedded-process.js', import.meta.url).pathname;
  const args = [program, passwordFile, aclFile, await mkdtemp(join(folder, 'data-')), ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ports = JSON.parse(line.toString()) as { readonly tcp: number; readonly websocket: number };
  return brokerOf(child, ports);
}

/** As fast as it goes: nothing is saved, and it may have as many messages on their way as it likes. */
export async function startMosquitto({ folder, passwordFile, aclFile }: Users): Promise<Broker> {
  const binary = findMosquitto();
  if (binary === undefined) throw new Error('Mosquitto is not installed');
  const ports = { tcp: await freePort(), websocket: await freePort() };
  const file = join(folder, 'mosquitto.conf');
  const lines = [
    `user ${process.env['USER'] ?? 'root'}`,
    `listener ${String(ports.tcp)} 127.0.0.1`,
    `listener ${String(ports.websocket)} 127.0.0.1`,
    'protocol websockets',
    `password_file ${passwordFile}`,
    `acl_file ${aclFile}`,
    'set_tcp_nodelay true',
    'max_inflight_messages 0',
    'max_queued_messages 0',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  return brokerOf(child, ports);
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
