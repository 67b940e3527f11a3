// A mongod that the package mongodb-memory-server-core downloads, where it is installed: it is no dependency, since what
// it downloads (100 MB and more) is of no use to those who have no internet or a server already.
import type { MongoServer } from './mongo-processes.js';

/** What is used of the package. */
interface MemoryServer {
  getUri(database?: string): string;
  stop(): Promise<unknown>;
}

interface MemoryServerPackage {
  readonly MongoMemoryServer: { create(): Promise<MemoryServer> };
}

/** Undefined where the package is not installed, and, after saying why, where it has no mongod to run. */
export async function startMemoryServer(
  name = 'mongodb-memory-server-core',
): Promise<MongoServer | undefined> {
  let found: MemoryServerPackage;
  try {
    found = (await import(name)) as MemoryServerPackage;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND')
      return undefined;
    throw thrown;
  }
  try {
    const server = await found.MongoMemoryServer.create();
    return {
      host: new URL(server.getUri()).host,
      uri: (database) => server.getUri(database),
      stop: async () => {
        await server.stop();
      },
    };
  } catch (thrown) {
    console.error(`mongodb-memory-server-core is installed and has no mongod: ${String(thrown)}`);
    return undefined;
  }
}
