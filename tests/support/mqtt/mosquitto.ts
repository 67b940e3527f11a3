// Debian's Mosquitto on a free port, as the broker that ours is compared with and that stands in its place.
import { randomInt } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder, type Ends } from '../temporary-folder.js';

const BINARIES = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'];

/** Asked once: many tests start it. */
let found: string | undefined;

/** The program, or undefined where Mosquitto is not installed. */
export function findMosquitto(): string | undefined {
  return (found ??= BINARIES.find((binary) => {
    try {
      execFileSync(binary, ['-h'], { stdio: 'ignore' });
      return true;
    } catch (error) {
      // `mosquitto -h` ends with a code of its own; only a missing file means that it is not there.
      return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
    }
  }));
}

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutMosquitto: string | false =
  findMosquitto() === undefined &&
  'MOSQUITTO IS NOT INSTALLED: apt-get install mosquitto. This comparison was not made.';

/** Below the ports that the kernel gives to outgoing connections: those come and go while nobody listens yet. */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** A port that was free a moment ago: Mosquitto cannot tell which one it got for port 0. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}

export interface Mosquitto {
  readonly port: number;
  readonly url: string;
  /** Ends it and waits; `start` brings it back on the same port with what it had saved. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** SIGKILL: what it had not saved is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stay, and nothing is answered any more. */
  freeze(): void;
  /** Tells it to write its memory down; when it has is not told. */
  save(): void;
  /** Tells it to read its files again; when it has is not told. */
  reload(): void;
}

const PLAIN = (port: number, folder: string): string => `
listener ${String(port)} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
persistence true
persistence_location ${folder}/
`;

/** `configure` gets the port and an empty folder and gives the configuration's text. */
export async function startMosquitto(
  t: Ends,
  configure: (port: number, folder: string) => string = PLAIN,
): Promise<Mosquitto> {
  const binary = findMosquitto();
  if (binary === undefined) throw new Error('mosquitto is not installed');
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  // Started by root it would change to its own user, which may not write into the test's folder.
  const text = configure(port, folder);
  await writeFile(file, `user ${process.env['USER'] ?? 'root'}\n${text}`);
  // They are opened one after the other.
  const ports = [...text.matchAll(/^listener (\d+)/gm)].map(([, listener]) => Number(listener));
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    // Said again until it hears: a SIGTERM between its handler and its main loop, which sets `run` anew, is lost
    // (Mosquitto 2.0, src/mosquitto.c).
    const again = setInterval(() => running.kill('SIGTERM'), 200);
    running.kill('SIGCONT');
    running.kill('SIGTERM');
    await ended;
    clearInterval(again);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  const start = async (): Promise<void> => {
    child = spawn(binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    for (const listener of ports) await accepting(child, listener);
  };
  const freeze = (): void => void child?.kill('SIGSTOP');
  const reload = (): void => void child?.kill('SIGHUP');
  const save = (): void => void child?.kill('SIGUSR1');
  t.after(stop);
  await start();
  return { port, url: `mqtt://127.0.0.1:${String(port)}`, stop, start, kill, freeze, save, reload };
}

async function accepting(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null)
      throw new Error(`mosquitto ended with code ${String(child.exitCode)}: ${said}`);
    if (await accepts(port)) return;
    await sleep(10);
  }
  throw new Error(`mosquitto does not accept connections: ${said}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
