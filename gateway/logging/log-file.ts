// The log on disk: JSON lines in numbered files of bounded size and count, which a full disk can't turn into a crash.
import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { GatewayError } from '../../shared/errors.js';
import { whyNotWritten } from '../process/why.js';
import { NumberedFiles } from './numbered-files.js';

export interface LogFileOptions {
  /** Made if it isn't there. The files are gateway.1.log, gateway.2.log, …; the highest number is the newest. */
  readonly folder: string;
  /** A file that has passed this is closed and the next one begun. */
  readonly maxBytes: number;
  /** Older files are deleted. */
  readonly maxFiles: number;
}

/** What waits in memory while the disk refuses; more is dropped and counted. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Writes each line before `write` returns: whatever ends the process, its last lines are there. What the disk refused is
 * tried again with the next line, in its order.
 */
export class LogFile {
  readonly #files: NumberedFiles;
  readonly #maxBytes: number;
  #descriptor: number;
  #bytes: number;
  #isClosed = false;
  /** Lines; of the first only what is not written yet, as a disk that fills up takes a part of it. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWithinLine = false;
  #lostLines = 0;
  #failure: Error | undefined;

  private constructor(files: NumberedFiles, maxBytes: number) {
    this.#files = files;
    this.#maxBytes = maxBytes;
    this.#descriptor = openSync(files.newest, 'a');
    this.#bytes = fstatSync(this.#descriptor).size;
    this.#try(() => {
      files.sweep();
    });
  }

  /** Throws data_unwritable when folder or file can't be made. */
  static open({ folder, maxBytes, maxFiles }: LogFileOptions): LogFile {
    try {
      return new LogFile(NumberedFiles.in(folder, maxFiles), maxBytes);
    } catch (error) {
      const why = whyNotWritten(error);
      throw new GatewayError('data_unwritable', `The log folder ${folder} can't be written: ${why}.`, {
        cause: error,
      });
    }
  }

  /** Lines dropped because the disk refused for too long, or that came after `close`. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** Why lines can't be written at the moment; undefined while they can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (!this.#isClosed && !this.#hasRoomFor(bytes)) this.#drain();
    if (this.#isClosed || !this.#hasRoomFor(bytes)) {
      this.#lostLines += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#drain();
  }

  /** Closes the file, synced to disk; what a failing disk doesn't take now is lost, and counted. Never throws. */
  close(): void {
    if (this.#isClosed) return;
    this.#drain();
    this.#isClosed = true;
    this.#lostLines += this.#waiting.splice(0).length;
    this.#waitingBytes = 0;
    this.#try(() => {
      fsyncSync(this.#descriptor);
    });
    this.#try(() => {
      closeSync(this.#descriptor);
    });
  }

  #hasRoomFor(bytes: Buffer): boolean {
    return this.#waitingBytes + bytes.length <= MAX_WAITING_BYTES;
  }

  /** Writes what waits, as far as the disk takes it. A full file that no other can follow grows no more. */
  #drain(): void {
    this.#try(() => {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        this.#followFullFile();
        this.#writeSome(first);
      }
      this.#followFullFile();
    });
  }

  #writeSome(first: Buffer): void {
    const written = writeSync(this.#descriptor, first);
    if (written === 0 && first.length > 0) throw new Error('the disk takes nothing');
    this.#failure = undefined;
    this.#bytes += written;
    this.#waitingBytes -= written;
    this.#isWithinLine = written < first.length;
    if (this.#isWithinLine) this.#waiting[0] = first.subarray(written);
    else this.#waiting.shift();
  }

  /** Between two lines only, so that each line is in one file. */
  #followFullFile(): void {
    if (this.#isWithinLine || this.#bytes < this.#maxBytes) return;
    const full = this.#descriptor;
    this.#descriptor = openSync(this.#files.following, 'a');
    this.#files.begun();
    this.#bytes = 0;
    closeSync(full);
    this.#files.sweep();
  }

  #try(attempt: () => void): void {
    try {
      attempt();
    } catch (thrown) {
      this.#failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  }
}
