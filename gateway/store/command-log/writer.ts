// Writes what becomes of commands to the command log, where no kill takes it, and moves it into the tables a moment later,
// many at once: a command then waits for no thread and no commit.
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import { saysFull } from '../sqlite/group-commit.js';
import type { StoreLink } from '../thread/link.js';
import type { CommandLogFile } from './file.js';
import type { CommandRecord, NumberedRecord } from '../rows/command-record.js';
import { SharedFlush } from './shared-flush.js';

/** Into the tables so long after they were written; many of them at once. */
const MOVE_AFTER_MS = 500;
const MOVE_RECORDS = 500;
/** Where the tables take nothing it is tried again. */
const AGAIN_AFTER_MS = 5000;
/** So much waits for the tables at most. */
const MOST_RECORDS = 5000;
const MOST_CHARS = 4 * 1024 * 1024;
/** Answers are on the disk so long after they were written, unless somebody asks for it before. */
const FLUSH_AFTER_MS = 20;

export interface CommandLogWriterOptions {
  readonly link: Pick<StoreLink, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A flush failed: what of the file is on the disk nobody knows any more. */
  readonly onBroken: (error: GatewayError) => void;
}

interface Outgoing {
  readonly record: CommandRecord;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class CommandLogWriter {
  readonly #options: CommandLogWriterOptions;
  readonly #flush: SharedFlush;
  #file: CommandLogFile | undefined;
  #outgoing: Outgoing[] = [];
  /** Written, and not in the tables yet. */
  #unmoved: readonly NumberedRecord[] = [];
  #unmovedChars = 0;
  #moving: Promise<void> | undefined;
  #cancelMove: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;
  #complained = false;

  constructor(options: CommandLogWriterOptions) {
    this.#options = options;
    this.#flush = new SharedFlush(() => this.#flushFile());
  }

  /** `left`: what the tables do not have of it yet. */
  open(file: CommandLogFile, left: readonly NumberedRecord[]): void {
    this.#file = file;
    this.#keep(left);
  }

  /** Resolves when no kill can take it. Rejects with store_full, store_failed or closed, and then it is not kept. */
  async append(record: CommandRecord): Promise<void> {
    if (this.#isFull) await this.#moveAll();
    return new Promise((resolve, reject) => {
      if (this.#file === undefined) throw new GatewayError('closed', 'The store is stopped.');
      this.#outgoing.push({ record, resolve, reject });
      // What belongs together is told in one turn, and so is in one write.
      if (this.#outgoing.length === 1) queueMicrotask(() => void this.#write());
    });
  }

  /** Resolves when all that was written is on the disk. Rejects with store_failed or store_full. */
  flushed(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    return this.#file?.isFlushed === false ? this.#flush.request() : Promise.resolve();
  }

  /** At the latest a moment later what was written is on the disk. */
  flushSoon(): void {
    this.#cancelFlush ??= this.#options.clock.after(FLUSH_AFTER_MS, () => {
      this.#cancelFlush = undefined;
      // Nobody waits for it: that it fails is told by `onBroken`, and by a full disk to the next who asks.
      void this.flushed().catch(() => undefined);
    });
  }

  /** Resolves when the tables have all that was told before, or can't take it now, which is logged. */
  async moved(): Promise<void> {
    try {
      await this.#moveAll();
    } catch (thrown) {
      this.#complain(thrown);
    }
  }

  /** What the tables did not take lies in the file, for the next start. */
  async close(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    await this.moved();
    this.#cancelMove?.();
    this.#cancelMove = undefined;
    const file = this.#file;
    this.#file = undefined;
    await this.#flush.idle();
    file?.close(this.#unmoved.length === 0);
    this.#unmoved = [];
    this.#unmovedChars = 0;
  }

  get #isFull(): boolean {
    return this.#unmoved.length >= MOST_RECORDS || this.#unmovedChars >= MOST_CHARS;
  }

  async #write(): Promise<void> {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    const file = this.#file;
    if (file === undefined || outgoing.length === 0) return;
    const records = file.numbered(outgoing.map(({ record }) => record));
    try {
      try {
        file.append(records);
        this.#keep(records);
      } catch (thrown) {
        await this.#keepInTables(records, thrown);
      }
    } catch (thrown) {
      for (const { reject } of outgoing) reject(asGatewayError(thrown, 'store_failed'));
      return;
    }
    for (const { resolve } of outgoing) resolve();
  }

  #keep(records: readonly NumberedRecord[]): void {
    if (records.length === 0) return;
    this.#unmoved = [...this.#unmoved, ...records];
    this.#unmovedChars += charsOf(records);
    if (this.#unmoved.length >= MOVE_RECORDS) void this.moved();
    else this.#moveLater(MOVE_AFTER_MS);
  }

  /** The file takes nothing: the tables may still, for they have room kept free. Rejects with why they do not. */
  async #keepInTables(records: readonly NumberedRecord[], cause: unknown): Promise<void> {
    this.#unmoved = [...this.#unmoved, ...records];
    this.#unmovedChars += charsOf(records);
    try {
      await this.#moveAll();
    } catch (thrown) {
      this.#drop(({ n }) => !records.some((record) => record.n === n));
      const { code, message } = asGatewayError(thrown, 'store_failed');
      throw new GatewayError(code, message, { cause: new AggregateError([cause, thrown]) });
    }
  }

  #drop(stays: (record: NumberedRecord) => boolean): void {
    this.#unmoved = this.#unmoved.filter(stays);
    this.#unmovedChars = charsOf(this.#unmoved);
  }

  async #moveAll(): Promise<void> {
    await this.#write();
    while (this.#unmoved.length > 0 && this.#file !== undefined) await (this.#moving ?? this.#move());
  }

  /** One at a time: the mark says that the tables have all before it. */
  #move(): Promise<void> {
    this.#cancelMove?.();
    this.#cancelMove = undefined;
    this.#moving = this.#moveNow().finally(() => {
      this.#moving = undefined;
      if (this.#unmoved.length > 0) this.#moveLater(AGAIN_AFTER_MS);
    });
    return this.#moving;
  }

  async #moveNow(): Promise<void> {
    const records = this.#unmoved;
    const last = records.at(-1);
    if (last === undefined || this.#file === undefined) return;
    const mark = this.#file.markOf(last);
    if (!this.#file.isBegunOnDisk) await this.#flush.request();
    await this.#options.link.call('moveCommands', { mark, records }, this.#unmovedChars);
    this.#complained = false;
    this.#drop(({ n }) => n > last.n);
    if (this.#unmoved.length === 0) this.#file.emptied();
  }

  #moveLater(delayMs: number): void {
    this.#cancelMove ??= this.#options.clock.after(delayMs, () => {
      this.#cancelMove = undefined;
      void this.moved();
    });
  }

  async #flushFile(): Promise<void> {
    try {
      await this.#file?.flush();
    } catch (thrown) {
      const full = saysFull(thrown);
      const message = full ? 'The disk is full. Free space.' : `The local store failed: ${String(thrown)}.`;
      const error = new GatewayError(full ? 'store_full' : 'store_failed', message, { cause: thrown });
      if (!full) this.#options.onBroken(error);
      throw error;
    }
  }

  #complain(thrown: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    const error = asGatewayError(thrown, 'store_failed');
    const message = 'what became of commands stays in commands.ahead: the store does not take it now';
    this.#options.log.warn({ code: error.code, err: error }, message);
  }
}

function charsOf(records: readonly NumberedRecord[]): number {
  let chars = 0;
  for (const record of records) chars += sizeOf(record);
  return chars;
}

function sizeOf(record: NumberedRecord): number {
  if ('accept' in record) return record.accept.body.length + (record.accept.reply?.length ?? 0);
  if ('finish' in record) return record.finish.reply.length;
  return 'note' in record ? record.note.body.length : 0;
}
