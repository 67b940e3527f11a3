// Servers of MongoDB's protocol that the tests start themselves, each as a process that can be started anew.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../gateway/process/paths.js';
import { freePort } from '../mqtt/mosquitto.js';

export interface MongoServer {
  /** host:port, without a database. */
  readonly host: string;
  /** The address as a client takes it, for this database. */
  uri(database: string): string;
  /** In order: mongo-java-server loses acknowledged documents when it is killed. */
  stop(): Promise<void>;
  /**
   * As the machine it runs on would: mongod by kill -9, which it must survive; the Java server in order, which is all
   * that it can. Same address and data afterwards. Absent where the server is not ours.
   */
  readonly restart?: () => Promise<void>;
  /** It hangs: takes connections and requests, and answers nothing, until `resume`. Absent where the server is not ours. */
  readonly pause?: () => void;
  readonly resume?: () => void;
}

const JAVA_SERVER = join(packageRoot, 'tests', 'support', 'mongo-java-server');

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

/** What differs between the kinds: how it starts on this port (0: any), and how it is ended. */
interface Kind {
  readonly start: (folder: string, port: number) => Promise<Running>;
  readonly end: (child: ChildProcess) => void;
  readonly crash: (child: ChildProcess) => void;
}

export async function startMongod(mongod: string): Promise<MongoServer> {
  return ownServer({
    start: async (folder, port) => {
      const chosen = port === 0 ? await freePort() : port;
      const args = ['--dbpath', folder, '--bind_ip', '127.0.0.1', '--port', String(chosen)];
      const child = spawn(mongod, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      // mongod is not tied to this process: should the test die, it must not stay behind.
      process.once('exit', () => child.kill('SIGKILL'));
      await lineOf(child, /Waiting for connections/i);
      return { child, port: chosen };
    },
    end: (child) => child.kill('SIGTERM'),
    crash: (child) => child.kill('SIGKILL'),
  });
}

const FERRETDB = join(packageRoot, 'tests', 'support', 'ferretdb', 'ferretdb');

/** Whether Go has prepared it. */
export function hasFerretDb(): boolean {
  return existsSync(FERRETDB);
}

/** It ends when its input ends, so also when this process dies. What it acknowledged outlives a kill -9. */
export async function startFerretDb(): Promise<MongoServer> {
  return ownServer({
    start: async (folder, port) => {
      const chosen = port === 0 ? await freePort() : port;
      const args = [`127.0.0.1:${String(chosen)}`, folder];
      const child = spawn(FERRETDB, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      await lineOf(child, /^listening at /);
      return { child, port: chosen };
    },
    end: (child) => child.stdin?.end(),
    crash: (child) => child.kill('SIGKILL'),
  });
}

/** Whether Maven has prepared it. */
export function hasJavaServer(): boolean {
  return existsSync(join(JAVA_SERVER, 'target', 'lib'));
}

/** It ends when its input ends, so also when this process dies. */
export async function startJavaServer(java: string): Promise<MongoServer> {
  const places = [join(JAVA_SERVER, 'target', 'classes'), join(JAVA_SERVER, 'target', 'lib', '*')];
  const end = (child: ChildProcess): void => {
    child.stdin?.end();
  };
  return ownServer({
    start: async (folder, port) => {
      // The default heap is a quarter of the machine, and several test files run at once.
      const args = ['-Xmx256m', '-cp', places.join(delimiter), 'MongoJavaServer', String(port)];
      const child = spawn(java, [...args, join(folder, 'h2')], { stdio: ['pipe', 'pipe', 'ignore'] });
      return { child, port: Number(await lineOf(child, /^\d+$/)) };
    },
    end,
    crash: end,
  });
}

async function ownServer(kind: Kind): Promise<MongoServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mongo-'));
  let running = await kind.start(folder, 0);
  const { port } = running;
  const host = `127.0.0.1:${String(port)}`;
  return {
    host,
    uri: (database) => `mongodb://${host}/${database}`,
    stop: async () => {
      kind.end(running.child);
      await ended(running.child);
      await rm(folder, { recursive: true, force: true });
    },
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
    restart: async () => {
      kind.crash(running.child);
      await ended(running.child);
      running = await kind.start(folder, port);
    },
  };
}

async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!pattern.test(line)) continue;
    child.stdout.resume();
    return line;
  }
  throw new Error(`${child.spawnfile} ended before it was ready`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
