// What is remembered of commands, inside the store's thread. Every method runs within the caller's transaction.
import type { CommandMemory } from '../../shared/ports.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';

export class JournalTable {
  readonly #maxRows: number;
  readonly #find: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #answer: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #forgetOldest: SqliteStatement;
  readonly #count: SqliteStatement;
  #rows = 0;

  /** Beyond `maxRows` the oldest commands are forgotten: a repetition of one would run again. */
  constructor(database: SqliteDatabase, maxRows: number) {
    this.#maxRows = maxRows;
    this.#find = database.prepare(`SELECT boot, reply FROM commands WHERE key = ?`);
    this.#insert = database.prepare(`INSERT INTO commands (key, boot) VALUES (?, ?)`);
    this.#answer = database.prepare(`UPDATE commands SET reply = ? WHERE key = ?`);
    this.#remove = database.prepare(`DELETE FROM commands WHERE key = ?`);
    this.#forgetOldest = database.prepare(
      `DELETE FROM commands WHERE position IN (SELECT position FROM commands ORDER BY position LIMIT ?)`,
    );
    this.#count = database.prepare(`SELECT count(*) AS n FROM commands`);
    this.recount();
  }

  /** Reads the count anew: at the start, and after a rollback took rows back. */
  recount(): void {
    this.#rows = Number(this.#count.get()?.['n']);
  }

  begin(key: string, boot: string): CommandMemory {
    const known = this.#find.get(key);
    if (known !== undefined) return memoryOf(String(known['boot']), known['reply'] ?? null);
    this.#rows += this.#insert.run(key, boot);
    if (this.#rows > this.#maxRows) this.#rows -= this.#forgetOldest.run(this.#rows - this.#maxRows);
    return { state: 'new' };
  }

  /** An id that was forgotten meanwhile stays forgotten. */
  finish(key: string, reply: string): void {
    this.#answer.run(reply, key);
  }

  forget(key: string): void {
    this.#rows -= this.#remove.run(key);
  }
}

function memoryOf(boot: string, reply: string | number | null): CommandMemory {
  return typeof reply === 'string' ? { state: 'answered', reply } : { state: 'begun', boot };
}
