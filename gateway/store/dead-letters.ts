// What no store would take, from the shell: looked at, and put back into the outbox to be tried again. By a connection
// of its own to the store's file, so it works beside a running gateway (SQLite makes the writers wait for each other)
// and without one.
import { existsSync } from 'node:fs';
import { GatewayError } from '../../shared/errors.js';
import type { RecordedSample } from '../../shared/sample.js';
import { loadSqlite } from './load-sqlite.js';
import { readSampleRow, sampleOfRow } from './sample-row.js';
import type { SqliteDatabase } from './sqlite.js';
import { openStoreFile, openStoreFileToRead, storePath } from './store-file.js';

export interface DeadLetter {
  readonly position: number;
  readonly reason: string;
  /** Epoch ms. */
  readonly acceptedTs: number;
  readonly sample: RecordedSample;
}

/** The oldest first, at most `limit`. Rejects with store_failed (no store there) or sqlite_missing. */
export async function readDeadLetters(dataDir: string, limit: number): Promise<readonly DeadLetter[]> {
  const { database, storeId } = openStoreFileToRead(await loadSqlite(), storePath(dataDir));
  try {
    const rows = database
      .prepare(
        `SELECT position, reason, accepted_ts, coalesce(boot, ?) AS boot, device, coalesce(seq, position) AS seq,
           ts, gateway, body
         FROM dead_letters ORDER BY position LIMIT ?`,
      )
      .all(storeId, limit);
    return rows.map((row) => ({
      position: Number(row['position']),
      reason: String(row['reason']),
      acceptedTs: Number(row['accepted_ts']),
      sample: sampleOfRow(readSampleRow(row)),
    }));
  } finally {
    database.close();
  }
}

/** Moves them behind what waits in the outbox; those at `positions`, or all. How many; the same errors. */
export async function replayDeadLetters(dataDir: string, positions?: readonly number[]): Promise<number> {
  const path = storePath(dataDir);
  if (!existsSync(path))
    throw new GatewayError('store_failed', `There is no ${path}. Has the gateway run with this data folder?`);
  const { database, storeId } = openStoreFile(await loadSqlite(), path);
  try {
    database.exec('BEGIN IMMEDIATE');
    const moved = move(database, storeId, positions);
    database.exec('COMMIT');
    return moved;
  } catch (thrown) {
    throw new GatewayError('store_failed', `The dead letters in ${path} cannot be moved.`, { cause: thrown });
  } finally {
    // Without a COMMIT the transaction ends here, and nothing has happened.
    database.close();
  }
}

/** With the identity they had: the first of a sample that came without one was its old position. */
function move(database: SqliteDatabase, storeId: string, positions: readonly number[] | undefined): number {
  const which = 'position IN (SELECT value FROM json_each(?))';
  const all = database.prepare('SELECT position FROM dead_letters').all();
  const chosen = JSON.stringify(positions ?? all.map((row) => Number(row['position'])));
  database
    .prepare(
      `INSERT INTO outbox (accepted_ts, boot, device, seq, ts, gateway, body)
       SELECT accepted_ts, coalesce(boot, ?), device, coalesce(seq, position), ts, gateway, body
       FROM dead_letters WHERE ${which} ORDER BY position`,
    )
    .run(storeId, chosen);
  return database.prepare(`DELETE FROM dead_letters WHERE ${which}`).run(chosen);
}
