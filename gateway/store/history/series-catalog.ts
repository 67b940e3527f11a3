// The small numbers by which the history calls devices, origins and series. Runs within the caller's transaction.
import type { ClockMark } from '../../../shared/sample.js';
import type { SampleRow } from '../rows/sample.js';
import type { SqliteDatabase, SqliteStatement, SqlValue } from '../sqlite/engine.js';

/** Remembered, so that a batch asks the tables once for each of its series; a stranger who invents some costs no more. */
const CACHED = 1000;

export class SeriesCatalog {
  readonly #devices: Numbered;
  readonly #origins: Numbered;
  readonly #series: Numbered;

  constructor(database: SqliteDatabase) {
    this.#devices = new Numbered(database, 'devices', ['name']);
    this.#origins = new Numbered(database, 'origins', ['device', 'boot', 'gateway']);
    this.#series = new Numbered(database, 'series', ['origin', 'gateway', 'fields', 'clock', 'run'], {
      last_ts: 0,
    });
  }

  device(name: string): number {
    return this.#devices.idOf(name);
  }

  origin(device: number, { boot, gateway }: Pick<SampleRow, 'boot' | 'gateway'>): number {
    return this.#origins.idOf(device, boot, gateway);
  }

  /** `fields`: JSON array of the names. */
  series(origin: number, gateway: string, fields: string, clock: ClockMark | '' = '', run = ''): number {
    return this.#series.idOf(origin, gateway, fields, clock, run);
  }

  /** After a rollback or a cleaning took rows away, or a correction changed their marks. */
  forget(): void {
    for (const table of [this.#devices, this.#origins, this.#series]) table.forget();
  }
}

/** A table whose rows are found by some columns, and made when they are not there. */
class Numbered {
  readonly #find: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #ids = new Map<string, number>();

  constructor(
    database: SqliteDatabase,
    table: string,
    columns: readonly string[],
    defaults: Readonly<Record<string, number>> = {},
  ) {
    const all = [...columns, ...Object.keys(defaults)].join(', ');
    const values = [...columns.map(() => '?'), ...Object.values(defaults).map(String)].join(', ');
    const where = columns.map((column) => `${column} = ?`).join(' AND ');
    this.#find = database.prepare(`SELECT id FROM ${table} WHERE ${where}`);
    this.#insert = database.prepare(`INSERT INTO ${table} (${all}) VALUES (${values})`);
  }

  idOf(...key: readonly SqlValue[]): number {
    // No part has a NUL in it: see rowOfIncoming. Asked for three times a row, and JSON takes longer.
    const text = key.join('\0');
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#find.get(...key) === undefined) this.#insert.run(...key);
    const id = Number(this.#find.get(...key)?.['id']);
    if (this.#ids.size >= CACHED) this.#ids.clear();
    this.#ids.set(text, id);
    return id;
  }

  forget(): void {
    this.#ids.clear();
  }
}
