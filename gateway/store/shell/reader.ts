// Reads what is recorded locally from another process, while the gateway runs or after it: for the shell.
import { mergeSamples } from '../../../bridge/history/merge-samples.js';
import { GatewayError } from '../../../shared/errors.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import type { LogbookEntry, LogbookQuery } from '../../../shared/logbook.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { commandLogPath } from '../command-log/file.js';
import { markIn } from '../commands/moved-records.js';
import { notesAhead, withNewest } from './newest-notes.js';
import { entryOf, keyOfEntry } from '../rows/entry.js';
import { loadSqlite } from '../sqlite/load.js';
import { logbookQuery, runLogbookQuery } from '../logbook/table.js';
import { openLocal } from './open-recorded.js';
import { soundOf } from '../rows/sample.js';
import { openStoreFileToRead, storePath } from '../file/store.js';

/** Entries of the logbook, oldest first. Rejects with store_failed (no store there) or sqlite_missing. */
export async function readLocalLogbook(
  dataDir: string,
  query: LogbookQuery,
): Promise<readonly LogbookEntry[]> {
  const path = storePath(dataDir);
  const { database } = openStoreFileToRead(await loadSqlite(), path);
  try {
    // First, as the gateway itself does.
    const newest = notesAhead(commandLogPath(path), markIn(database));
    const { before, ...all } = query;
    const isBehindNewest = newest.some((entry) => keyOfEntry(entry) === before);
    const kept = runLogbookQuery(logbookQuery(database), isBehindNewest ? all : query);
    return withNewest(
      soundOf(kept, entryOf, () => undefined),
      newest,
      query,
    );
  } catch (thrown) {
    throw new GatewayError('store_failed', `${path} cannot be read.`, { cause: thrown });
  } finally {
    database.close();
  }
}

/**
 * The samples of the query, oldest first: those in the local history and those that still wait in the outbox, each
 * once. Rejects with store_failed (no store there) or sqlite_missing.
 */
export async function readLocalSamples(
  dataDir: string,
  query: HistoryQuery,
): Promise<readonly RecordedSample[]> {
  const recorded = await openLocal(dataDir);
  try {
    // The outbox first: no sample is missed on its way from one to the other.
    const waiting = await recorded.outbox.query(query);
    return mergeSamples(await recorded.store.query(query), waiting, query);
  } finally {
    await recorded.close();
  }
}
