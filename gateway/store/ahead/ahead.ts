// Samples ahead of the tables: in memory, and in a file that only grows, so that a sample costs the disk some forty bytes
// and no flush of its own. A flash card writes pages of 4096 bytes, and SQLite several of them for each commit. They go
// into a table when they are many, or when somebody must find them there; most are delivered before that.
//
// It takes part in the transactions of the database (sqlite/group-commit.ts, `Alongside`).
import type { AheadFile } from './file.js';
import { LineWriter, type PositionRange, type ReadLines } from './lines.js';
import type { AheadRow } from './row.js';
import { RowsAhead } from './rows.js';
import { saysFull } from '../sqlite/group-commit.js';

/** Of these the first that is reached: then they belong into the table. More rows than the history takes over at once. */
const MOST_ROWS = 20_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** With little in it that is still needed the file is begun anew from this size on: that costs a write or two as well. */
const WORTH_EMPTYING_BYTES = 64 * 1024;
const LITTLE_ROWS = 256;
/** In more pieces than this it is not said what is gone: the file is begun anew soon, when all around it is gone as well. */
const FEW_RANGES = 16;
/** Of a row of the table beside its body, about. */
const ROW_BYTES = 100;

export class Ahead {
  readonly rows = new RowsAhead();
  readonly #file: AheadFile;
  #writer: LineWriter;
  readonly #emptyFromBytes: number;
  /** Gone, and not yet said in the file. */
  #unsaid: PositionRange[] = [];
  /** Where the file was before what this transaction wrote. */
  #before: { readonly bytes: number; readonly said: number } | undefined;
  #mustSync = false;
  #broken: Error | undefined;

  /** `found` is what the file says, and where it goes on. */
  constructor(
    file: AheadFile,
    { rows, writer }: Pick<ReadLines, 'rows' | 'writer'>,
    emptyFromBytes = WORTH_EMPTYING_BYTES,
  ) {
    this.#file = file;
    this.#emptyFromBytes = emptyFromBytes;
    this.#writer = writer ?? new LineWriter(0);
    for (const row of rows) this.rows.add(row);
    this.rows.settle();
  }

  /** The highest position of what was found. */
  get lastPosition(): number {
    let last = 0;
    for (const { position } of this.rows.values()) last = Math.max(last, position);
    return last;
  }

  /** Too much is here for memory, or for one file. */
  get isFull(): boolean {
    const { size, bytes } = this.rows;
    return size >= MOST_ROWS || Math.max(bytes, this.#file.bytes) >= MOST_BYTES || this.#writer.isFull;
  }

  /** What the table will grow by when they are in it, about. */
  get tableBytes(): number {
    return this.rows.bytes + this.rows.size * ROW_BYTES;
  }

  /** In this transaction. */
  get grew(): boolean {
    return this.rows.added().length > 0;
  }

  get isSynced(): boolean {
    return this.#file.isSynced;
  }

  /** `lazily`: it need not be on the disk when the transaction has ended. */
  add(row: AheadRow, lazily: boolean): void {
    this.rows.add(row);
    this.#mustSync ||= !lazily;
  }

  /** What was added in this transaction leaves the process. Throws what the file system throws; then nothing is written. */
  write(): void {
    this.#before = { bytes: this.#file.bytes, said: this.#writer.said };
    const added = this.rows.added();
    if (added.length > 0) this.#append(added);
    if (this.#mustSync) this.sync();
    this.#mustSync = false;
  }

  /** The transaction is over, and stays, whatever becomes of the file now. */
  committed(): void {
    this.#unsaid = joined([
      ...this.#unsaid,
      ...this.rows.removed().map((position): PositionRange => [position, position]),
    ]);
    this.rows.settle();
    this.#before = undefined;
    if (this.#unsaid.length === 0) return;
    // Until it is said a kill has them read again, and found delivered by their identity.
    const isMany = this.#unsaid.length > FEW_RANGES;
    try {
      if (this.rows.size === 0 && (isMany || this.#file.bytes >= this.#emptyFromBytes)) this.#file.cutTo(0);
      else if (this.#isMostlyGone) this.#beginAnew();
      else if (isMany) return;
      else this.#file.append(this.#writer.gone(this.#unsaid));
      this.#unsaid = [];
    } catch (thrown) {
      // No room to say it: it is said with the next.
      if (!(thrown instanceof Error) || !('errno' in thrown)) throw thrown;
    }
  }

  mark(): number {
    return this.rows.mark();
  }

  /** One job of the transaction is taken back, the last one. */
  takeBack(mark: number): void {
    this.rows.undoTo(mark);
  }

  rolledBack(): void {
    this.rows.undoTo(0);
    this.#mustSync = false;
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return;
    this.#file.cutTo(before.bytes);
    this.#writer.sayAgain(before.said);
  }

  /** What has left the process is on the disk. Throws what the disk says: it may say so once, and take it for done then. */
  sync(): void {
    try {
      this.#file.sync();
    } catch (thrown) {
      if (!saysFull(thrown)) this.#broken = thrown instanceof Error ? thrown : new Error(String(thrown));
      throw thrown;
    }
  }

  /** A flush failed: what of the file is on the disk nobody knows any more. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  close(): void {
    try {
      if (this.rows.size === 0) this.#file.cutTo(0);
      this.#file.sync();
    } finally {
      this.#file.close();
    }
  }

  get #isMostlyGone(): boolean {
    const { size } = this.rows;
    const isLittle = size > 0 && size <= LITTLE_ROWS && this.#file.bytes >= this.#emptyFromBytes;
    return isLittle && this.#file.bytes >= 2 * this.tableBytes;
  }

  #beginAnew(): void {
    const writer = new LineWriter(0);
    this.#file.replace(writer.begin() + writer.rows([...this.rows.values()]));
    this.#writer = writer;
  }

  #append(rows: readonly AheadRow[]): void {
    const begins = this.#file.bytes === 0 ? this.#writer.begin() : '';
    const said = this.#writer.said;
    try {
      this.#file.append(begins + this.#writer.rows(rows));
    } catch (thrown) {
      this.#writer.sayAgain(said);
      throw thrown;
    }
  }
}

function joined(ranges: readonly PositionRange[]): PositionRange[] {
  const all: [number, number][] = [];
  for (const [from, to] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
