// The command log as a file: numbers its records, says how far they are on the disk, and is begun anew when the tables have
// them all.
import { copyFileSync, constants, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AheadFile } from '../ahead/file.js';
import { firstLine, newGeneration } from '../rows/checked-line.js';
import { asideName } from '../file/set-aside.js';
import {
  beyond,
  readRecords,
  recordsLine,
  type CommandRecord,
  type FoundRecords,
  type LogMark,
  type NumberedRecord,
} from '../rows/command-record.js';

/** Below that emptying it costs the disk more than it gives back. */
const WORTH_EMPTYING_BYTES = 64 * 1024;
/** A gateway's own has a few MB. */
const NO_FILE_OF_OURS_BYTES = 64 * 1024 * 1024;

/** Beside the store's file of this path. */
export function commandLogPath(storePath: string): string {
  return join(dirname(storePath), 'commands.ahead');
}

export interface OpenedLog {
  readonly file: CommandLogFile;
  /** What the tables do not have. */
  readonly left: readonly NumberedRecord[];
  /** Where a damaged one lies now; what of it can be read is kept. */
  readonly setAside?: string;
}

/** For who only looks, or copies: what the file says at this moment. */
export function readCommandLog(path: string): FoundRecords {
  return readRecords(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

/** `mark`: how far the tables are. Throws what the file system throws; then everything lies where it lay. */
export function openCommandLog(path: string, now: Date, mark: LogMark | undefined): OpenedLog {
  const file = new AheadFile(path);
  try {
    const text = file.bytes > NO_FILE_OF_OURS_BYTES ? undefined : file.text();
    const found = readRecords(text ?? '');
    const left = beyond(mark, found);
    if (text !== undefined && isSound(found)) {
      file.cutTo(found.wholeBytes);
      file.sync();
      return { file: new CommandLogFile(file, lastOf(found, mark)), left };
    }
    const setAside = asideName(path, now);
    copyFileSync(path, setAside, constants.COPYFILE_EXCL);
    const anew = { generation: newGeneration(), n: lastOf(found, mark).n };
    file.replace(firstLine(anew.generation) + recordsLine(anew.generation, left));
    file.sync();
    return { file: new CommandLogFile(file, anew), left, setAside };
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

function isSound({ damaged, generation, wholeBytes }: FoundRecords): boolean {
  return damaged === 0 && (generation !== undefined || wholeBytes === 0);
}

/** A power cut can take records which the tables have: their numbers are not given again. */
function lastOf({ generation, records }: FoundRecords, mark: LogMark | undefined): LogMark {
  if (generation === undefined) return { generation: newGeneration(), n: 0 };
  const found = records.reduce((most, { n }) => Math.max(most, n), 0);
  return { generation, n: mark?.generation === generation ? Math.max(found, mark.n) : found };
}

/** What people read. */
export function logAsideSentence(aside: string): string {
  return `The file of the newest commands was damaged: what could be read of it is kept. It was set aside as ${basename(aside)}; its lines are JSON behind a checksum.`;
}

export class CommandLogFile {
  readonly #file: AheadFile;
  #generation: number;
  #lastN: number;
  /** How many times it was written, and how many of these are on the disk. */
  #writes = 0;
  #flushedWrites = 0;
  /** The disk may have it as it was before it was begun anew. */
  #mayComeBack = false;

  /** Goes on behind `last`. */
  constructor(file: AheadFile, last: LogMark) {
    this.#file = file;
    this.#generation = last.generation;
    this.#lastN = last.n;
  }

  get isFlushed(): boolean {
    return this.#flushedWrites === this.#writes;
  }

  /**
   * The tables know how far they are in one generation only: before they have anything of this one, no power cut may bring
   * the one before back.
   */
  get isBegunOnDisk(): boolean {
    return !this.#mayComeBack;
  }

  /** Where the tables are when they have everything up to this record. */
  markOf({ n }: NumberedRecord): LogMark {
    return { generation: this.#generation, n };
  }

  numbered(records: readonly CommandRecord[]): readonly NumberedRecord[] {
    return records.map((record) => ({ n: (this.#lastN += 1), ...record }));
  }

  /** All of them or none, whatever comes. Throws what the file system throws; then none is written. */
  append(records: readonly NumberedRecord[]): void {
    const begins = this.#file.bytes === 0 ? firstLine(this.#generation) : '';
    this.#writes += 1;
    this.#file.append(begins + recordsLine(this.#generation, records));
  }

  /** The tables have them all. Throws what the file system throws. */
  emptied(): void {
    if (this.#file.bytes < WORTH_EMPTYING_BYTES) return;
    this.#beginAnew();
  }

  /** Rejects with what the disk says: it may say so once, and take it for done then. */
  async flush(): Promise<void> {
    const writes = this.#writes;
    const generation = this.#generation;
    await this.#file.syncBeside();
    if (generation === this.#generation) this.#mayComeBack = false;
    this.#flushedWrites = Math.max(this.#flushedWrites, writes);
  }

  /** `isEmpty`: nothing of it is needed. */
  close(isEmpty: boolean): void {
    try {
      if (isEmpty) this.#beginAnew();
    } finally {
      this.#file.close();
    }
  }

  #beginAnew(): void {
    this.#file.cutTo(0);
    this.#mayComeBack = true;
    this.#generation = newGeneration();
    this.#lastN = 0;
  }
}
