// What is asked of the outbox besides its next batch: samples of a device that wait. It has no index for that (a commit
// appends and touches nothing else), so each question walks all of it: never in the store's thread where it can be helped.
import type { HistoryQuery } from '../../shared/ports.js';
import { readSampleRow, type SampleRow } from './sample-row.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite.js';
import type { StoreFile } from './store-file.js';

// A sample that came without an identity gets the store's id and its position: made when read, so that it is
// the same at every reading and costs nothing at the append.
export const SAMPLE_COLUMNS = `coalesce(boot, ?) AS boot, device, coalesce(seq, position) AS seq, ts, gateway, body`;

const RANGE = `SELECT ${SAMPLE_COLUMNS} FROM outbox WHERE device = ? AND ts >= ? AND ts < ?`;
const OF_GATEWAY = 'AND gateway = ?';
const WITH_FIELDS = `AND EXISTS (
  SELECT 1 FROM json_each(body, '$.values') AS field WHERE field.key IN (SELECT value FROM json_each(?)))`;
const IDENTITY = `coalesce(boot, ?) || '/' || device || '/' || coalesce(seq, position)`;
const NEWEST = 'ORDER BY ts DESC, position DESC LIMIT ?';
const AFTER = `AND (ts > ? OR ${IDENTITY} > ?) ORDER BY ts, ${IDENTITY} LIMIT ?`;

export class OutboxQueries {
  readonly #database: SqliteDatabase;
  readonly #storeId: string;
  /** Prepared when first asked for. */
  readonly #statements = new Map<string, SqliteStatement>();

  constructor({ database, storeId }: StoreFile) {
    this.#database = database;
    this.#storeId = storeId;
  }

  /** Oldest first: of more than `limit` the newest, or with `after` the oldest behind it. */
  samples({ device, gateway, fromTs, toTs, limit, after, fields }: HistoryQuery): readonly SampleRow[] {
    const conditions = [gateway === undefined ? '' : OF_GATEWAY, fields === undefined ? '' : WITH_FIELDS];
    const start = [RANGE, ...conditions].join(' ');
    const named = gateway === undefined ? [] : [gateway];
    const having = fields === undefined ? [] : [JSON.stringify(fields)];
    const range = [this.#storeId, device, fromTs, toTs, ...named, ...having];
    if (after === undefined) {
      const rows = this.#prepared(`${start} ${NEWEST}`).all(...range, limit);
      return rows.map(readSampleRow).reverse();
    }
    const behind = [after.ts, this.#storeId, after.identity, this.#storeId, limit];
    // `ts >=` again, so that what lies before the page is never put together as a text.
    const rows = this.#prepared(`${start} AND ts >= ? ${AFTER}`).all(...range, after.ts, ...behind);
    return rows.map(readSampleRow);
  }

  #prepared(sql: string): SqliteStatement {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
