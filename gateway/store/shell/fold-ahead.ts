// Puts the newest samples and commands, which lie beside a store, into the tables of a copy of it: one file then has everything.
import type { AheadRow } from '../ahead/row.js';
import { commandLogPath, readCommandLog } from '../command-log/file.js';
import { beyond, type FoundRecords } from '../rows/command-record.js';
import { markIn, MovedRecords } from '../commands/moved-records.js';
import { JournalTable } from '../commands/table.js';
import { LogbookTable } from '../logbook/table.js';
import type { SqliteDatabase, SqliteEngine } from '../sqlite/engine.js';
import { OutboxTable } from '../outbox/table.js';
import { rowsAhead } from '../file/open-ahead.js';
import { aheadPath, openStoreFile } from '../file/store.js';

export interface FoundAhead {
  readonly samples: readonly AheadRow[];
  readonly commands: FoundRecords;
}

/** A copy drops nothing. */
const ALL = Number.MAX_SAFE_INTEGER;

/** To be read before the copy is made: what is moved into the tables meanwhile is then in both, and nothing is in neither. */
export function readAheadOf(path: string): FoundAhead {
  return { samples: rowsAhead(aheadPath(path)), commands: readCommandLog(commandLogPath(path)) };
}

/** What is in the tables of the copy already stays as it is. Throws data_unwritable or store_failed. */
export function foldAhead(engine: SqliteEngine, copy: string, { samples, commands }: FoundAhead): void {
  if (samples.length === 0 && commands.records.length === 0) return;
  const file = openStoreFile(engine, copy);
  try {
    file.database.exec('BEGIN IMMEDIATE');
    new OutboxTable(file, { deadLetters: ALL, maxBytes: ALL }).append(samples);
    foldCommands(file.database, commands);
    file.database.exec('COMMIT');
    // A copy travels alone.
    file.database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    file.database.close();
  }
}

function foldCommands(database: SqliteDatabase, found: FoundRecords): void {
  const records = beyond(markIn(database), found);
  const last = records.at(-1);
  if (last === undefined || found.generation === undefined) return;
  const journal = new JournalTable(database, { commands: ALL, commandChars: ALL });
  const logbook = new LogbookTable(database, { logbookRows: ALL, maxBytes: ALL });
  new MovedRecords(database, journal, logbook).take(records, { generation: found.generation, n: last.n });
}
