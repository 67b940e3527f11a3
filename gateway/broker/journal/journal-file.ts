// An append-only file of entries, each with its checksum, that is written anew when it has grown: what the broker's memory
// must not lose with its process. Appending never waits; what the disk does not take is counted, not kept.
import { open, readFile, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Clock, Log } from '../../../shared/ports.js';

/** Waiting for the disk at most; a disk this slow loses entries until the next rewrite. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** Smaller files are not worth the work. */
const REWRITE_FROM_BYTES = 4 * 1024 * 1024;
const SYNC_EVERY_MS = 1000;
const RETRY_AFTER_MS = 10_000;

export interface JournalFileOptions {
  readonly path: string;
  /** All entries it takes to come to the present state. */
  readonly snapshot: () => Iterable<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

export class JournalFile {
  readonly #options: JournalFileOptions;
  #file: FileHandle | undefined;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #rewriteAt = 0;
  #rewrite = false;
  #dropped = 0;
  #working: Promise<void> | undefined;
  #cancelSync: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: JournalFileOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Entries that the disk did not take. A rewrite makes good for those before it. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What was written last time, the damaged left out: a process that is killed leaves half an entry at the end. */
  async read(): Promise<unknown[]> {
    const text = await readFile(this.#options.path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const lines = text.split('\n').filter((line) => line !== '');
    const entries = lines.map(entryOf).filter((entry) => entry !== undefined);
    const damaged = lines.length - entries.length;
    if (damaged > 0) this.#options.log.warn({ damaged }, 'left damaged entries of the broker journal out');
    return entries;
  }

  /** Begins with the present state. Rejects when the disk does not take it. */
  async open(): Promise<void> {
    await this.#writeAnew();
  }

  append(entry: unknown): void {
    const line = lineOf(entry);
    if (this.#rewrite || this.#waitingBytes + line.length > MOST_WAITING_BYTES) {
      this.#dropped++;
      this.#rewrite = true;
    } else {
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    }
    this.#work();
  }

  /** With everything on disk that the disk takes. */
  async close(): Promise<void> {
    await this.#working;
    this.#cancelSync?.();
    this.#cancelRetry?.();
    await this.#file?.datasync();
    await this.#file?.close();
    this.#file = undefined;
  }

  #work(): void {
    if (this.#working !== undefined || this.#cancelRetry !== undefined || this.#file === undefined) return;
    this.#working = this.#writeAll()
      .catch((err: unknown) => {
        this.#failed(err);
      })
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #writeAll(): Promise<void> {
    while (this.#rewrite || this.#waiting.length > 0) {
      if (this.#rewrite || this.#bytes > this.#rewriteAt) await this.#writeAnew();
      const text = this.#take();
      await this.#file?.appendFile(text);
      this.#bytes += Buffer.byteLength(text);
      this.#syncSoon();
    }
  }

  #take(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#waitingBytes = 0;
    return text;
  }

  /** A power cut costs at most this long; a killed process costs what was not written yet, milliseconds. */
  #syncSoon(): void {
    this.#cancelSync ??= this.#options.clock.after(SYNC_EVERY_MS, () => {
      this.#cancelSync = undefined;
      this.#file?.datasync().catch((err: unknown) => {
        this.#failed(err);
      });
    });
  }

  /** Beside the old one, then in its place: a crash leaves one of both whole. */
  async #writeAnew(): Promise<void> {
    const { path, snapshot } = this.#options;
    // What waits has happened already and is part of the state.
    this.#take();
    this.#rewrite = false;
    const text = [...snapshot()].map(lineOf).join('');
    const file = await open(`${path}.new`, 'w', 0o600);
    await file.writeFile(text);
    await file.datasync();
    await rename(`${path}.new`, path);
    const folder = await open(dirname(path));
    await folder.sync().finally(async () => folder.close());
    await this.#file?.close();
    this.#file = file;
    this.#bytes = Buffer.byteLength(text);
    this.#rewriteAt = Math.max(REWRITE_FROM_BYTES, 3 * this.#bytes);
  }

  #failed(err: unknown): void {
    this.#options.log.error({ err }, 'the broker journal cannot be written; a crash now would lose messages');
    this.#rewrite = true;
    this.#take();
    this.#cancelRetry ??= this.#options.clock.after(RETRY_AFTER_MS, () => {
      this.#cancelRetry = undefined;
      this.#work();
    });
  }
}

function lineOf(entry: unknown): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16)} ${json}\n`;
}

function entryOf(line: string): unknown {
  const space = line.indexOf(' ');
  const json = line.slice(space + 1);
  return line.slice(0, space) === crc32(json).toString(16) ? (JSON.parse(json) as unknown) : undefined;
}
