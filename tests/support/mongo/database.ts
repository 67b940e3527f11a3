// A database of a test file's own on the one server of the file; dropped when the file is done.
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { MongoClient } from 'mongodb';
import { findMongoServer, type MongoServer } from './server.js';

export interface MongoDatabases {
  readonly server: MongoServer;
  /** A name that no other file and no other run uses. */
  readonly newDatabase: () => string;
}

/** Undefined where there is no server: skip with `NO_MONGO`. Stops the server after the file's tests. */
export async function mongoDatabases(): Promise<MongoDatabases | undefined> {
  const server = await findMongoServer();
  if (server === undefined) return undefined;
  const names: string[] = [];
  await warmUp(server);
  after(async () => {
    await drop(server, names);
    await server.stop();
  });
  return {
    server,
    newDatabase: () => {
      const name = `i2c_test_${randomBytes(6).toString('hex')}`;
      names.push(name);
      return name;
    },
  };
}

/** A Java server's first answers take seconds on a small machine, more than tests of timeouts want to wait. */
async function warmUp(server: MongoServer): Promise<void> {
  const client = await MongoClient.connect(server.uri('i2c_test_warm_up'));
  await client.db().collection('samples').createIndex({ ts: 1 });
  await client.db().collection('samples').insertOne({});
  await client.db().dropDatabase();
  await client.close();
}

async function drop(server: MongoServer, names: readonly string[]): Promise<void> {
  const client = await MongoClient.connect(server.uri('admin'));
  for (const name of names) await client.db(name).dropDatabase();
  await client.close();
}
