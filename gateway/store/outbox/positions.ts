// The numbers of the samples in the outbox. Once given, one is never given again: it is part of the identity of what came
// without one. They are taken from SQLite's own count in blocks, so that a sample costs no write to it.
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

/** Left out at each start, at most. */
const BLOCK = 10_000;

export class Positions {
  readonly #read: SqliteStatement;
  readonly #write: SqliteStatement;
  readonly #make: SqliteStatement;
  #next = 1;
  #end = 0;

  /** `given`: the highest that was given elsewhere. */
  constructor(database: SqliteDatabase, given = 0) {
    // https://sqlite.org/autoinc.html : an ordinary table, whose row is made by the first insert. Dead letters that a shell
    // puts back are counted in it as well.
    this.#read = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`);
    this.#write = database.prepare(`UPDATE sqlite_sequence SET seq = ? WHERE name = 'outbox'`);
    this.#make = database.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)`);
    this.#next = given + 1;
    this.#end = given;
  }

  /** The first of so many, one after the other. Within the caller's transaction. */
  take(count: number): number {
    if (this.#next + count - 1 > this.#end) this.#reserve(count);
    this.#next += count;
    return this.#next - count;
  }

  /** The rest of the block, at an orderly end: no number is left out. Within the caller's transaction. */
  giveBack(): void {
    if (this.#next <= this.#end && this.#counted() === this.#end) this.#write.run(this.#next - 1);
    this.#end = 0;
  }

  /** Of a transaction that was taken back, the block may have been as well. */
  forget(): void {
    this.#end = 0;
  }

  #reserve(count: number): void {
    this.#next = Math.max(this.#next, this.#counted() + 1);
    this.#end = this.#next + Math.max(BLOCK, count) - 1;
    if (this.#write.run(this.#end) === 0) this.#make.run(this.#end);
  }

  #counted(): number {
    return Number(this.#read.get()?.['seq'] ?? 0);
  }
}
