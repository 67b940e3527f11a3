// A store that was put back goes on from an earlier moment: it would give positions anew that it had given since, and what
// came under one of them would be taken for what was delivered then. So what it gives from now on has another name.
import type { SqliteDatabase, SqliteEngine } from '../sqlite/engine.js';
import { newStoreId } from './store.js';

/** What waits keeps the identity it had. Throws what SQLite says. */
export function renewIdentity(engine: SqliteEngine, path: string): void {
  const database = engine.open(path);
  try {
    database.exec('PRAGMA synchronous = FULL');
    database.exec('BEGIN IMMEDIATE');
    for (const table of ['outbox', 'dead_letters'] as const)
      if (has(database, table)) nameRows(database, table);
    database.prepare(`UPDATE meta SET value = ? WHERE key = 'store_id'`).run(newStoreId());
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function nameRows(database: SqliteDatabase, table: 'outbox' | 'dead_letters'): void {
  database.exec(
    `UPDATE ${table} SET boot = coalesce(boot, (SELECT value FROM meta WHERE key = 'store_id')), seq = coalesce(seq, position)`,
  );
}

function has(database: SqliteDatabase, table: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
}
