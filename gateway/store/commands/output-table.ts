// Which outputs were left on: a mark each, inside the store's thread. Bounded by the commands of the configuration.
import type { KeptMark } from '../../../shared/stores.js';
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

export class OutputTable {
  readonly #set: SqliteStatement;
  readonly #clear: SqliteStatement;
  readonly #all: SqliteStatement;

  /** Makes its table where the file is older than it: who does not know it passes it over. */
  constructor(database: SqliteDatabase) {
    database.exec(
      'CREATE TABLE IF NOT EXISTS outputs (key TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID',
    );
    this.#set = database.prepare('INSERT OR REPLACE INTO outputs (key, mark) VALUES (?, ?)');
    this.#clear = database.prepare('DELETE FROM outputs WHERE key = ?');
    this.#all = database.prepare('SELECT key, mark FROM outputs ORDER BY key');
  }

  set(key: string, mark: string): void {
    this.#set.run(key, mark);
  }

  clear(key: string): void {
    this.#clear.run(key);
  }

  all(): KeptMark[] {
    return this.#all.all().map(({ key, mark }) => ({ key: String(key), mark: String(mark) }));
  }
}
