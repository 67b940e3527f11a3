// Reads what is recorded locally from another process, while the gateway runs or after it: for the shell.
import { mergeSamples } from '../../bridge/merge-samples.js';
import { GatewayError } from '../../shared/errors.js';
import type { HistoryQuery } from '../../shared/ports.js';
import type { LogbookEntry, LogbookQuery } from '../../shared/logbook.js';
import type { RecordedSample } from '../../shared/sample.js';
import { entryOf } from './durable-logbook.js';
import { loadSqlite } from './load-sqlite.js';
import { logbookQuery, runLogbookQuery } from './logbook-table.js';
import { openLocal } from './open-recorded.js';
import { openStoreFileToRead, storePath } from './store-file.js';

/** Entries of the logbook, oldest first. Rejects with store_failed (no store there) or sqlite_missing. */
export async function readLocalLogbook(
  dataDir: string,
  query: LogbookQuery,
): Promise<readonly LogbookEntry[]> {
  const path = storePath(dataDir);
  const { database } = openStoreFileToRead(await loadSqlite(), path);
  try {
    return runLogbookQuery(logbookQuery(database), query).map(entryOf);
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
