// What no store would take, from the shell: looked at, and, if it is a sample, put back into the outbox to be tried again. By a connection
// of its own to the store's file, so it works beside a running gateway (SQLite makes the writers wait for each other)
// and without one.
import { existsSync } from 'node:fs';
import { GatewayError } from '../../../shared/errors.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { IS_NO_SAMPLE } from '../outbox/dead-letter-table.js';
import { loadSqlite } from '../sqlite/load.js';
import { isDamaged, readSampleRow, sampleOfRow, tried, type SampleRow } from '../rows/sample.js';
import type { SqliteDatabase } from '../sqlite/engine.js';
import type { Progress } from '../../process/progress.js';
import { openStoreFile, openStoreFileToRead, storePath } from '../file/store.js';

export interface DeadLetter {
  readonly position: number;
  readonly reason: string;
  /** Epoch ms. */
  readonly acceptedTs: number;
  readonly sample: RecordedSample | DamagedSample | NoSample;
}

/** Telemetry of a client that is none, and the topic it came by. */
export interface NoSample extends Omit<RecordedSample, 'values'> {
  readonly refused: string;
  readonly topic: string;
}

export interface Replayed {
  readonly moved: number;
  /** Of those asked for, what stays because it is no sample. */
  readonly left: number;
}

/** What is no JSON any more, as it lies in the file. */
export interface DamagedSample extends Omit<RecordedSample, 'values'> {
  readonly damaged: string;
}

/** So many are moved before it is told how far it is. */
const PIECE = 1000;

/** The oldest first, at most `limit`. Rejects with store_failed (no store there) or sqlite_missing. */
export async function readDeadLetters(dataDir: string, limit: number): Promise<readonly DeadLetter[]> {
  const { database, storeId } = openStoreFileToRead(await loadSqlite(), storePath(dataDir));
  try {
    const rows = database
      .prepare(
        `SELECT position, reason, accepted_ts, coalesce(boot, ?) AS boot, device, coalesce(seq, position) AS seq,
           ts, gateway, body, clock, run
         FROM dead_letters ORDER BY position LIMIT ?`,
      )
      .all(storeId, limit);
    return rows.map((row) => ({
      position: Number(row['position']),
      reason: String(row['reason']),
      acceptedTs: Number(row['accepted_ts']),
      sample: sampleOf(readSampleRow(row)),
    }));
  } finally {
    database.close();
  }
}

function sampleOf(row: SampleRow): RecordedSample | DamagedSample | NoSample {
  const sample = tried(() => sampleOfRow(row));
  if (!isDamaged(sample)) return sample;
  const { ts, boot, seq, gateway, device, body, clock } = row;
  const damaged = { ts, boot, seq, gateway, device, damaged: body };
  return clock === undefined ? damaged : { ...damaged, clock };
}

/** Moves them behind what waits in the outbox; those at `positions`, or all. The same errors. */
export async function replayDeadLetters(
  dataDir: string,
  positions?: readonly number[],
  progress?: Pick<Progress, 'begin' | 'add'>,
): Promise<Replayed> {
  const path = storePath(dataDir);
  if (!existsSync(path))
    throw new GatewayError('store_failed', `There is no ${path}. Has the gateway run with this data folder?`);
  const { database, storeId } = openStoreFile(await loadSqlite(), path);
  try {
    database.exec('BEGIN IMMEDIATE');
    const moved = move(database, storeId, positions, progress);
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
function move(
  database: SqliteDatabase,
  storeId: string,
  positions: readonly number[] | undefined,
  progress: Pick<Progress, 'begin' | 'add'> | undefined,
): Replayed {
  const all = database.prepare('SELECT position FROM dead_letters ORDER BY position').all();
  const chosen = (positions ?? all.map((row) => Number(row['position']))).toSorted((a, b) => a - b);
  progress?.begin('replaying', chosen.length, 'samples');
  let [moved, left] = [0, 0];
  for (let at = 0; at < chosen.length; at += PIECE) {
    const piece = movePiece(database, storeId, chosen.slice(at, at + PIECE));
    moved += piece.moved;
    left += piece.left;
    progress?.add(Math.min(PIECE, chosen.length - at));
  }
  return { moved, left };
}

function movePiece(database: SqliteDatabase, storeId: string, positions: readonly number[]): Replayed {
  const asked = 'position IN (SELECT value FROM json_each(?))';
  const which = `${asked} AND NOT ${IS_NO_SAMPLE}`;
  const chosen = JSON.stringify(positions);
  database
    .prepare(
      `INSERT INTO outbox (accepted_ts, boot, device, seq, ts, gateway, body, clock, run)
       SELECT accepted_ts, coalesce(boot, ?), device, coalesce(seq, position), ts, gateway, body, clock, run
       FROM dead_letters WHERE ${which} ORDER BY position`,
    )
    .run(storeId, chosen);
  const moved = database.prepare(`DELETE FROM dead_letters WHERE ${which}`).run(chosen);
  const left = database.prepare(`SELECT count(*) AS n FROM dead_letters WHERE ${asked}`).get(chosen);
  return { moved, left: Number(left?.['n']) };
}
