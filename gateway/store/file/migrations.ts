// What a file of an older version is changed by at its first start. Within the transaction that makes the tables.
//
// The mark of a sample was the end of a JSON text up to version 3: in the outbox's `body`, in the history's `errors`. Such
// rows stay as they lie and are read as they are (rows/sample.ts): their runs have ended, so nothing corrects them any more,
// and to write a history of millions of them anew takes as much room on the disk again, and minutes of a start.
import { BEFORE_ORIGINS_OF_GATEWAYS, MOVE_ORIGINS } from '../history/schema.js';
import { HistoryTable } from '../history/table.js';
import { readSampleRow } from '../rows/sample.js';
import type { SqliteDatabase } from '../sqlite/engine.js';

export const SCHEMA_VERSION = 4;

/** Before the tables of now are made. `version`: 0 is a new file. */
export function beforeTables(database: SqliteDatabase, version: number): void {
  if (version === 0 || version >= SCHEMA_VERSION) return;
  if (version === 1) database.exec('ALTER TABLE history RENAME TO history_1; DROP INDEX history_device_ts');
  if (version === 2) database.exec(BEFORE_ORIGINS_OF_GATEWAYS);
  // Its key changes.
  if (version > 1) database.exec('ALTER TABLE series RENAME TO series_3');
  for (const table of ['outbox', 'dead_letters'])
    if (database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined)
      database.exec(`ALTER TABLE ${table} ADD COLUMN clock TEXT; ALTER TABLE ${table} ADD COLUMN run TEXT`);
}

export function afterTables(database: SqliteDatabase, version: number): void {
  if (version === 0 || version >= SCHEMA_VERSION) return;
  if (version > 1) database.exec(MOVE_SERIES);
  if (version === 1) moveHistory(database);
  if (version === 2) database.exec(MOVE_ORIGINS);
}

const MOVE_SERIES = `
  INSERT INTO series (id, origin, gateway, fields, last_ts) SELECT id, origin, gateway, fields, last_ts FROM series_3;
  DROP TABLE series_3;
`;

/** From version 1, where each sample had a row with all its names and an index beside it. */
function moveHistory(database: SqliteDatabase): void {
  const history = new HistoryTable(database);
  const next = database.prepare('SELECT * FROM history_1 WHERE id > ? ORDER BY id LIMIT 1000');
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)?.['id'] ?? null))
    history.deliver(rows.map(readSampleRow));
  database.exec('DROP TABLE history_1');
}

/**
 * For who only reads a file that no gateway of this version has started on yet: its tables, with the columns they lack.
 * Views of the connection's own come before the tables of the file (https://sqlite.org/lang_naming.html).
 */
export function asOfNow(database: SqliteDatabase): void {
  if (versionOf(database) >= SCHEMA_VERSION) return;
  database.exec(`
    CREATE TEMP VIEW outbox AS SELECT *, NULL AS clock, NULL AS run FROM main.outbox;
    CREATE TEMP VIEW dead_letters AS SELECT *, NULL AS clock, NULL AS run FROM main.dead_letters;
    CREATE TEMP VIEW series AS SELECT *, '' AS clock, '' AS run FROM main.series;
  `);
}

export function versionOf(database: SqliteDatabase): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
