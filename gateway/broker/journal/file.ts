// An append-only file of entries, each with its checksum, that is written anew when it has grown: what the broker's memory
// must not lose with its process. Appending never waits; what the disk does not take is counted, and made good by writing
// the whole state as soon as the disk takes it again.
//
// While it is written anew, chunk by chunk, the old file goes on: what comes meanwhile goes into both, so that a kill in
// the middle of it costs no more than at any other time.
import type { Clock, Log } from '../../../shared/ports.js';
import { linesOf } from './line-reader.js';
import { chunksOf, entryOf, lineOf, Lines } from './lines.js';
import { WrittenFile } from './written-file.js';

/** Waiting for the disk at most; a disk this slow loses entries until the next rewrite. */
const MOST_WAITING_CHARS = 16 * 1024 * 1024;
/** Smaller files are not worth the work. */
const REWRITE_FROM_BYTES = 4 * 1024 * 1024;
const SYNC_EVERY_MS = 1000;
const RETRY_AFTER_MS = 10_000;

export interface JournalFileOptions {
  readonly path: string;
  /** All entries it takes to come to the present state; those of the moment of the call, whenever they are read. */
  readonly snapshot: () => Iterable<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface JournalFault {
  /** `ENOSPC` where the disk is full. */
  readonly code: string;
  readonly message: string;
  /** Epoch ms. */
  readonly since: number;
}

export interface JournalStats {
  readonly bytes: number;
  readonly entries: number;
  /** Times it was written anew, the start included. */
  readonly rewrites: number;
  /** Entries that the disk did not take when they came. A rewrite makes good for those before it. */
  readonly dropped: number;
  /** While it cannot be written. */
  readonly fault?: JournalFault;
  /** Where the journal of the last run lies that could not be read to its end. */
  readonly setAside?: string;
}

export class JournalFile {
  readonly #options: JournalFileOptions;
  #file: WrittenFile | undefined;
  #waiting = new Lines(MOST_WAITING_CHARS);
  /** What came since the snapshot that is being written. */
  #tail: Lines | undefined;
  #rewriteAt = 0;
  #owesRewrite = false;
  #switching = false;
  #rewrites = 0;
  #dropped = 0;
  #fault: JournalFault | undefined;
  #failedMs = 0;
  #flushing: Promise<void> | undefined;
  #rewriting: Promise<void> | undefined;
  #cancelSync: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: JournalFileOptions) {
    this.#options = options;
  }

  stats(): JournalStats {
    const { bytes = 0, entries = 0 } = this.#file ?? {};
    const fault = this.#fault === undefined ? {} : { fault: this.#fault };
    return { bytes, entries, rewrites: this.#rewrites, dropped: this.#dropped, ...fault };
  }

  /**
   * What was written last time, one after the other, the damaged left out: a process that is killed leaves half an
   * entry at the end.
   */
  async *read(): AsyncGenerator {
    let damaged = 0;
    for await (const line of linesOf(this.#options.path)) {
      if (line === '') continue;
      const entry = line === undefined ? undefined : entryOf(line);
      if (entry === undefined) damaged++;
      else yield entry;
    }
    if (damaged > 0) this.#options.log.warn({ damaged }, 'left damaged entries of the broker journal out');
  }

  /** Begins with the present state. Rejects when the disk does not take it. */
  async open(): Promise<void> {
    await this.#writeAnew();
  }

  append(entry: unknown): void {
    const line = lineOf(entry);
    const isKept = this.#fault === undefined && this.#waiting.push(line);
    const isCopied = this.#tail?.push(line) === true;
    if (!isKept) {
      this.#dropped++;
      if (!isCopied) this.#owesRewrite = true;
    }
    this.#work();
  }

  /** With everything on disk that the disk takes. */
  async close(): Promise<void> {
    while ((this.#rewriting ?? this.#flushing) !== undefined)
      await Promise.all([this.#rewriting, this.#flushing]);
    this.#cancelRetry?.();
    // The last chance: the disk may have room again.
    if (this.#fault !== undefined)
      await this.#writeAnew().catch((err: unknown) => {
        this.#failed(err);
      });
    this.#cancelRetry?.();
    this.#cancelSync?.();
    const file = this.#file;
    this.#file = undefined;
    try {
      await file?.sync();
    } finally {
      await file?.close();
    }
  }

  #work(): void {
    const file = this.#file;
    if (file === undefined) return;
    const isDue = this.#owesRewrite || file.bytes > this.#rewriteAt;
    if (isDue && this.#rewriting === undefined && this.#cancelRetry === undefined)
      this.#rewriting = this.#guarded(this.#writeAnew(), () => (this.#rewriting = undefined));
    const mayFlush = !this.#switching && this.#fault === undefined && this.#waiting.size > 0;
    if (mayFlush && this.#flushing === undefined)
      this.#flushing = this.#guarded(this.#flush(file), () => (this.#flushing = undefined));
  }

  #guarded(work: Promise<void>, ended: () => void): Promise<void> {
    return work
      .catch((err: unknown) => {
        this.#failed(err);
      })
      .finally(() => {
        ended();
        this.#work();
      });
  }

  async #flush(file: WrittenFile): Promise<void> {
    const chunk = this.#waiting.take();
    await file.append(chunk).catch((error: unknown) => {
      this.#dropped += chunk.count;
      throw error;
    });
    this.#syncSoon();
  }

  /** A power cut costs at most this long; a killed process costs what was not written yet, milliseconds. */
  #syncSoon(): void {
    this.#cancelSync ??= this.#options.clock.after(SYNC_EVERY_MS, () => {
      this.#cancelSync = undefined;
      // One that was replaced meanwhile is closed, and its successor is synced.
      const file = this.#file;
      file?.sync().catch((err: unknown) => {
        if (this.#file === file) this.#failed(err);
      });
    });
  }

  async #writeAnew(): Promise<void> {
    const { path, snapshot } = this.#options;
    this.#owesRewrite = false;
    // In one turn: what comes from here on is not in the snapshot.
    const state = snapshot();
    const tail = (this.#tail = new Lines(MOST_WAITING_CHARS));
    try {
      const fresh = await WrittenFile.beside(path);
      try {
        for (const chunk of chunksOf(state)) await fresh.append(chunk);
        await fresh.append(tail.take());
        await fresh.sync();
        await this.#switchTo(fresh, tail);
      } catch (error) {
        await fresh.discard();
        throw error;
      }
    } finally {
      this.#tail = undefined;
      this.#switching = false;
    }
  }

  /** Nothing is written meanwhile: a few milliseconds. */
  async #switchTo(fresh: WrittenFile, tail: Lines): Promise<void> {
    this.#switching = true;
    await this.#flushing;
    if (tail.overflowed) throw new Error('more came than the disk takes');
    await fresh.append(tail.take());
    await fresh.replace();
    const old = this.#file;
    this.#file = fresh;
    this.#waiting = tail;
    this.#tail = undefined;
    this.#switching = false;
    this.#rewriteAt = Math.max(REWRITE_FROM_BYTES, 3 * fresh.bytes);
    this.#rewrites++;
    this.#recovered();
    // All of it is in the new one.
    await old?.close().catch((err: unknown) => {
      this.#options.log.warn({ err }, 'the old file of the broker journal could not be closed');
    });
  }

  #recovered(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#fault === undefined) return;
    const forMs = Math.round(this.#options.clock.monotonicMs() - this.#failedMs);
    this.#fault = undefined;
    this.#options.log.info(
      { forMs, dropped: this.#dropped },
      'the broker journal is written again, and whole',
    );
  }

  #failed(err: unknown): void {
    const { clock, log } = this.#options;
    const message = err instanceof Error ? err.message : String(err);
    const code = err instanceof Error && 'code' in err ? String(err.code) : 'unknown';
    const text = 'the broker journal cannot be written; a kill now would lose messages';
    // Once: it is tried again and again.
    if (this.#fault === undefined) {
      log.error({ err }, text);
      this.#failedMs = clock.monotonicMs();
    }
    this.#fault = { code, message, since: this.#fault?.since ?? clock.now() };
    this.#dropped += this.#waiting.take().count;
    this.#owesRewrite = true;
    this.#cancelRetry ??= clock.after(RETRY_AFTER_MS, () => {
      this.#cancelRetry = undefined;
      this.#work();
    });
  }
}
