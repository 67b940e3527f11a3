// Which SQLite there is: decided once, where a file is about to be opened.
import { GatewayError } from '../../../shared/errors.js';
import { SQLITE_ENGINES, type SqliteEngine, type SqliteEngineName } from './engine.js';
import { betterSqlite3 } from './better.js';
import { nodeSqlite } from './node.js';
import { COMPILER, installCommand, isMissing, rebuildCommand } from '../../process/native-package.js';

const LOADERS: Readonly<Record<SqliteEngineName, () => Promise<SqliteEngine>>> = {
  'node:sqlite': nodeSqlite,
  'better-sqlite3': betterSqlite3,
};

/**
 * The first of `names` that works here. Before it is believed an engine must answer a query in memory:
 * better-sqlite3's JavaScript loads also where its binary was built for another Node.
 * Rejects with sqlite_missing; the cause lists why each was refused.
 */
export async function loadSqlite(names: readonly SqliteEngineName[] = SQLITE_ENGINES): Promise<SqliteEngine> {
  const refusals: unknown[] = [];
  for (const name of names) {
    try {
      const engine = await LOADERS[name]();
      const probe = engine.open(':memory:');
      probe.prepare('SELECT 1 AS one').get();
      probe.close();
      return engine;
    } catch (thrown) {
      refusals.push(thrown);
    }
  }
  throw new GatewayError(
    'sqlite_missing',
    `No SQLite is available: Node ${process.version} has none of its own. Use Node 22.13 or newer, or bring it better-sqlite3: ${bringCommand(refusals)} (where it is compiled, that needs ${COMPILER}).`,
    { cause: new AggregateError(refusals, `tried ${names.join(', ')}`) },
  );
}

function bringCommand(refusals: readonly unknown[]): string {
  const name = 'better-sqlite3';
  return isMissing(refusals.at(-1)) ? installCommand(name) : rebuildCommand(name);
}
