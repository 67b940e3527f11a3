// What is asked of the outbox besides its next batch: samples of a device that wait. It has no index for that (a commit
// appends and touches nothing else), so each question walks all of it: never in the store's thread where it can be helped.
import type { HistoryQuery } from '../../../shared/stores.js';
import { onlyFieldsOfRow, readSampleRow, type SampleRow } from '../rows/sample.js';
import type { SqliteDatabase, SqliteStatement, SqlRow } from '../sqlite/engine.js';
import type { StoreFile } from '../sqlite/opened-file.js';
import { ANSWER_CHARS, isMalformedJson, takeWithin } from '../sqlite/within.js';

// A sample that came without an identity gets the store's id and its position: made when read, so that it is
// the same at every reading and costs nothing at the append.
export const SAMPLE_COLUMNS = `coalesce(boot, ?) AS boot, device, coalesce(seq, position) AS seq, ts, gateway, body,
  clock, run`;

const ROWS = `SELECT ${SAMPLE_COLUMNS} FROM outbox WHERE`;
const RANGE = `device = ? AND ts >= ? AND ts < ?`;
const OF_GATEWAY = 'AND gateway = ?';
const WITH_FIELDS = `AND EXISTS (
  SELECT 1 FROM json_each(body, '$.values') AS field WHERE field.key IN (SELECT value FROM json_each(?)))`;
// Damage is rare and looking for it costs: only where it was met.
const WITH_FIELDS_OF_SOUND = `AND CASE WHEN json_valid(body) THEN EXISTS (
  SELECT 1 FROM json_each(body, '$.values') AS field WHERE field.key IN (SELECT value FROM json_each(?))) END`;
// As `keyOf` makes it.
const IDENTITY = `coalesce(boot, ?) || '/' || device || '/' || coalesce(seq, position) || '+' || gateway`;
const NEWEST_FIRST = 'ORDER BY ts DESC, position DESC';
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
  samples(query: HistoryQuery): readonly SampleRow[] {
    try {
      return this.#samples(query, WITH_FIELDS);
    } catch (thrown) {
      if (!isMalformedJson(thrown)) throw thrown;
      return this.#samples(query, WITH_FIELDS_OF_SOUND);
    }
  }

  #samples(query: HistoryQuery, withFields: string): readonly SampleRow[] {
    const { device, gateway, fromTs, toTs, limit, after, fields, maxChars = ANSWER_CHARS } = query;
    const conditions = [gateway === undefined ? '' : OF_GATEWAY, fields === undefined ? '' : withFields];
    const asked = [RANGE, ...conditions].join(' ');
    const named = gateway === undefined ? [] : [gateway];
    const having = fields === undefined ? [] : [JSON.stringify(fields)];
    const range = [this.#storeId, device, fromTs, toTs, ...named, ...having];
    const read = (found: SqlRow): { value: SampleRow; chars: number } | undefined => {
      const row = readSampleRow(found);
      const value = fields === undefined ? row : onlyFieldsOfRow(row, fields);
      return value === undefined ? undefined : { value, chars: value.body.length };
    };
    if (after === undefined) {
      // Sorted are the positions alone: of a device that waits long all its rows go through the sorter.
      const positions = `SELECT position FROM outbox WHERE ${asked} ${NEWEST_FIRST} LIMIT ?`;
      const newest = this.#prepared(`${ROWS} position IN (${positions}) ${NEWEST_FIRST}`);
      const found = newest.iterate(...range, limit);
      return [...takeWithin(found, maxChars, read).rows].reverse();
    }
    const behind = [after.ts, this.#storeId, after.identity, this.#storeId, limit];
    // `ts >=` again, so that what lies before the page is never put together as a text.
    const found = this.#prepared(`${ROWS} ${asked} AND ts >= ? ${AFTER}`).iterate(
      ...range,
      after.ts,
      ...behind,
    );
    return takeWithin(found, maxChars, read).rows;
  }

  #prepared(sql: string): SqliteStatement {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
