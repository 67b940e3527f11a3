// Looks into a store's file, and changes it, while no gateway runs.
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { storePath } from '../../../../gateway/store/file/store.js';

export async function writeMeta(dataDir: string, key: string, value: string): Promise<void> {
  const database = (await loadSqlite()).open(storePath(dataDir));
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  database.close();
}

export async function countRows(dataDir: string, table: string): Promise<number> {
  const database = (await loadSqlite()).open(storePath(dataDir));
  const row = database.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  database.close();
  return Number(row?.['n']);
}
