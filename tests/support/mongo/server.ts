// A server of MongoDB's protocol for the tests, the most real one there is; which one it was is always said.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startMemoryServer } from './memory-server.js';
import {
  hasFerretDb,
  hasJavaServer,
  startFerretDb,
  startJavaServer,
  startMongod,
  type MongoServer,
} from './processes.js';

export type { MongoServer } from './processes.js';

export const NO_MONGO =
  'MongoDB WAS NOT TESTED: set MONGODB_URI, install mongod, or run tests/support/mongo-java-server/prepare';

/**
 * Tries MONGODB_URI, then mongod on the PATH, then one that mongodb-memory-server-core downloads, then
 * mongo-java-server. Undefined, after saying so loudly, when there is none: a test
 * that needs it must then be skipped with `NO_MONGO`, never passed.
 */
export async function findMongoServer(): Promise<MongoServer | undefined> {
  const given = process.env['MONGODB_URI'];
  if (given !== undefined && given !== '') return say('MONGODB_URI', givenServer(given));
  const mongod = onPath('mongod');
  if (mongod !== undefined) return say(mongod, await startMongod(mongod));
  const downloaded = await startMemoryServer();
  if (downloaded !== undefined) return say('mongod of mongodb-memory-server-core', downloaded);
  const java = onPath('java');
  if (java !== undefined && hasJavaServer()) {
    return say('mongo-java-server 1.47.0 (H2)', await startJavaServer(java));
  }
  console.error(`\n${'!'.repeat(100)}\n!!! ${NO_MONGO}\n${'!'.repeat(100)}\n`);
  return undefined;
}

export const NO_FERRETDB =
  'A STORE SERVER THAT IS KILLED, AND ONE THAT LACKS THINGS, WAS NOT TESTED: run tests/support/ferretdb/prepare (Go 1.24)';

/** FerretDB with SQLite: a server that can be killed, and lacks what is optional. Undefined, after saying so, without it. */
export async function findFerretDb(): Promise<MongoServer | undefined> {
  if (hasFerretDb()) return say('FerretDB 1.24.2 (SQLite)', await startFerretDb());
  console.error(`\n${'!'.repeat(100)}\n!!! ${NO_FERRETDB}\n${'!'.repeat(100)}\n`);
  return undefined;
}

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

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
