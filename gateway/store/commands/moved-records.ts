// What the command log has → the tables of commands and of the logbook, inside the store's thread. Every method runs within
// the caller's transaction, and so how far they have come is never another than what they have.
import { keyHash, type CommandRecord, type LogMark, type NumberedRecord } from '../rows/command-record.js';
import type { LogbookTable } from '../logbook/table.js';
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';
import type { JournalTable } from './table.js';

/** The journal as a start finds it. */
export interface JournalStart {
  /** The highest position that was ever given. */
  readonly lastPosition: number;
  /** Of all its keys. */
  readonly keyHashes: readonly number[];
  readonly mark: LogMark | undefined;
}

const MARK = 'command_log';

export class MovedRecords {
  readonly #journal: JournalTable;
  readonly #logbook: LogbookTable;
  readonly #database: SqliteDatabase;
  readonly #setMark: SqliteStatement;

  constructor(database: SqliteDatabase, journal: JournalTable, logbook: LogbookTable) {
    this.#database = database;
    this.#journal = journal;
    this.#logbook = logbook;
    this.#setMark = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  }

  start(): JournalStart {
    const last = this.#database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'journal'`).get();
    const keyHashes = this.keyHashes();
    return { lastPosition: Number(last?.['seq'] ?? 0), keyHashes, mark: markIn(this.#database) };
  }

  keyHashes(): readonly number[] {
    const rows = this.#database.prepare('SELECT key FROM journal').all();
    return rows.map((row) => keyHash(String(row['key'])));
  }

  take(records: readonly NumberedRecord[], { generation, n }: LogMark): void {
    for (const record of records) this.#take(record);
    this.#setMark.run(MARK, `${String(generation)}:${String(n)}`);
  }

  #take(record: CommandRecord): void {
    if ('accept' in record) this.#journal.take(record.accept, record.position);
    else if ('begin' in record) this.#journal.begin(record.begin);
    else if ('finish' in record) {
      const { key, reply, mayRunAgain } = record.finish;
      this.#journal.finish(key, reply, mayRunAgain);
    } else if ('said' in record) this.#journal.said(record.said);
    else this.#logbook.note(record.note);
  }
}

/** As far as the tables of this file have come; undefined where they never had anything of a log. */
export function markIn(database: SqliteDatabase): LogMark | undefined {
  const kept = database.prepare('SELECT value FROM meta WHERE key = ?').get(MARK)?.['value'];
  if (kept === undefined) return undefined;
  const [generation = 0, n = 0] = String(kept).split(':').map(Number);
  return { generation, n };
}
