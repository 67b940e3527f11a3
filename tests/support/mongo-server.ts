// A server of MongoDB's protocol for the tests, the most real one there is; which one it was is always said.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface MongoServer {
  /** host:port, without a database. */
  readonly host: string;
  /** The address as a client takes it, for this database. */
  uri(database: string): string;
  /** In order: mongo-java-server loses acknowledged documents when it is killed (DESIGN §7). */
  stop(): Promise<void>;
}

/** From dist/tests/support back to the sources, where the prepared server lies. */
const JAVA_SERVER = fileURLToPath(new URL('../../../tests/support/mongo-java-server/', import.meta.url));

/**
 * Tries MONGODB_URI, then mongod on the PATH, then mongo-java-server. Undefined, after saying so loudly, when there is
 * none: a test that needs it must then be skipped with `NO_MONGO`, never passed.
 */
export async function findMongoServer(): Promise<MongoServer | undefined> {
  const given = process.env['MONGODB_URI'];
  if (given !== undefined && given !== '') return say('MONGODB_URI', givenServer(given));
  const mongod = onPath('mongod');
  if (mongod !== undefined) return say(mongod, await startMongod(mongod));
  const java = onPath('java');
  if (java !== undefined && existsSync(join(JAVA_SERVER, 'target', 'lib'))) {
    return say('mongo-java-server 1.47.0 (H2)', await startJavaServer(java));
  }
  console.error(`\n${'!'.repeat(100)}\n!!! ${NO_MONGO}\n${'!'.repeat(100)}\n`);
  return undefined;
}

export const NO_MONGO =
  'MongoDB WAS NOT TESTED: set MONGODB_URI, install mongod, or run tests/support/mongo-java-server/prepare';

function say(what: string, server: MongoServer): MongoServer {
  console.error(`MongoDB for these tests: ${what}`);
  return server;
}

function givenServer(given: string): MongoServer {
  const url = new URL(given);
  return {
    host: url.host,
    uri: (database) => {
      const own = new URL(given);
      own.pathname = `/${database}`;
      return own.href;
    },
    stop: () => Promise.resolve(),
  };
}

function localServer(port: number, stop: () => Promise<void>): MongoServer {
  const host = `127.0.0.1:${String(port)}`;
  return { host, uri: (database) => `mongodb://${host}/${database}`, stop };
}

async function startMongod(mongod: string): Promise<MongoServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mongod-'));
  const port = await freePort();
  const child = spawn(mongod, ['--dbpath', folder, '--bind_ip', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await lineOf(child, /Waiting for connections/i);
  // mongod is not tied to this process: should the test die, it must not stay behind.
  process.once('exit', () => child.kill('SIGKILL'));
  return localServer(port, async () => {
    child.kill('SIGTERM');
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  });
}

/** It ends when its input ends, so also when this process dies. */
async function startJavaServer(java: string): Promise<MongoServer> {
  const classPath = [join(JAVA_SERVER, 'target', 'classes'), join(JAVA_SERVER, 'target', 'lib', '*')].join(
    delimiter,
  );
  // The default heap is a quarter of the machine, and several test files run at once.
  const child = spawn(java, ['-Xmx256m', '-cp', classPath, 'MongoJavaServer', '0'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const port = Number(await lineOf(child, /^\d+$/));
  return localServer(port, async () => {
    child.stdin.end();
    await ended(child);
  });
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
