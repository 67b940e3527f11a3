// Puts the newest samples, which lie beside a store, into the table of a copy of it: one file then has everything.
import type { AheadRow } from '../ahead/row.js';
import type { SqliteEngine } from '../sqlite/engine.js';
import { OutboxTable } from '../outbox/table.js';
import { openStoreFile } from './store.js';

/** Read before the copy was made: one that is in its tables already stays as it is. Throws data_unwritable or store_failed. */
export function foldAhead(engine: SqliteEngine, copy: string, rows: readonly AheadRow[]): void {
  if (rows.length === 0) return;
  const file = openStoreFile(engine, copy);
  try {
    file.database.exec('BEGIN IMMEDIATE');
    new OutboxTable(file, { deadLetters: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER }).append(
      rows,
    );
    file.database.exec('COMMIT');
    // A copy travels alone.
    file.database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    file.database.close();
  }
}
