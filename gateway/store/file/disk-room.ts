// How much room the store has: the free space of its disk, the size of its own file, and the ballast. On a full disk
// SQLite can't even delete, because a delete is first written to the WAL; so a file of ballast lies there to be given
// back, which makes room for that.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SqliteDatabase, SqliteStatement } from '../sqlite/engine.js';

export interface RoomLimits {
  /** With less than this free on the disk nothing grows any more. */
  readonly minFreeBytes: number;
  /** What the store's file may hold. */
  readonly maxBytes: number;
  readonly ballastBytes: number;
}

export interface RoomStats {
  /** Of the disk, as far as this user may use it. */
  readonly freeBytes: number;
  /** In use within the store's file, or on its way there. */
  readonly usedBytes: number;
  /** False while it is given back. */
  readonly ballast: boolean;
  /** Why nothing may grow: the disk is full, or the file is at its limit. */
  readonly shortage?: Shortage;
}

export type Shortage = 'disk' | 'size';

/** Asking the disk costs microseconds, but once an append would be for nothing. */
const ASK_EVERY_MS = 100;
/** And sooner where the store has grown by so much: a fast disk can be filled between two questions. */
const ASK_EVERY_BYTES = 256 * 1024;
/** Pages the file has free for reuse: with so many it need not grow, whatever the disk says. */
const ENOUGH_FREE_PAGES_BYTES = 512 * 1024;
/** The history gives way until so much can be reused. */
const WANTED_FREE_PAGES_BYTES = 8 * 1024 * 1024;
/** The history gives way a little before the file is full, so that nothing new is refused for it. */
const HISTORY_SHARE = 0.95;
/** With no more room than this, of the disk or of the file, there is none to keep anything beside the file. */
const TIGHT_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export class DiskRoom {
  readonly #folder: string;
  readonly #ballast: string;
  readonly #limits: RoomLimits;
  readonly #aheadBytes: () => number;
  readonly #pages: SqliteStatement;
  #askedMs = Number.NEGATIVE_INFINITY;
  #askedBytes = 0;
  #fileIsFull = false;
  #diskIsFull = false;
  #diskIsTight = false;

  /** `aheadBytes`: what is on its way into the file. */
  constructor(
    path: string,
    database: SqliteDatabase,
    limits: RoomLimits,
    aheadBytes: () => number = () => 0,
  ) {
    this.#folder = dirname(path);
    this.#ballast = ballastBeside(path);
    this.#limits = limits;
    this.#aheadBytes = aheadBytes;
    this.#pages = database.prepare(
      `SELECT page_count AS pages, freelist_count AS free, page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    );
  }

  shortage(): Shortage | undefined {
    const grownBytes = this.usedBytes() - this.#askedBytes;
    if (performance.now() - this.#askedMs >= ASK_EVERY_MS || grownBytes >= ASK_EVERY_BYTES) this.#ask();
    if (this.#fileIsFull) return 'size';
    // Looked up anew each time: on a full disk what the file can reuse is all there is.
    return this.#diskIsFull && this.reusableBytes() < ENOUGH_FREE_PAGES_BYTES ? 'disk' : undefined;
  }

  /** Whether it was soon to be full when `shortage` was last asked for: then nothing is put off that needs room. */
  isTight(): boolean {
    return this.#diskIsTight || this.#askedBytes + TIGHT_BYTES > this.#limits.maxBytes;
  }

  /** Whether so much more may come: the file stays within its size, and on a full disk within what it can reuse. */
  fits(bytes: number): boolean {
    if (this.usedBytes() + bytes > this.#limits.maxBytes) return false;
    return !this.#diskIsFull || this.reusableBytes() >= bytes;
  }

  /** Whether the file is about to hold what it may: the history's limit by size. */
  nearsItsSize(): boolean {
    return this.usedBytes() > this.#limits.maxBytes * HISTORY_SHARE;
  }

  /** Whether the oldest of the history should go to make room on the disk, be it old enough or not. */
  wantsRoom(): boolean {
    this.shortage();
    return this.#diskIsFull && this.reusableBytes() < WANTED_FREE_PAGES_BYTES;
  }

  /** Bytes of the file that are free for reuse. */
  reusableBytes(): number {
    const row = this.#pages.get();
    return Math.max(0, Number(row?.['free']) * Number(row?.['bytes']) - this.#aheadBytes());
  }

  usedBytes(): number {
    const row = this.#pages.get();
    return (Number(row?.['pages']) - Number(row?.['free'])) * Number(row?.['bytes']) + this.#aheadBytes();
  }

  stats(): RoomStats {
    const shortage = this.shortage();
    return {
      freeBytes: this.#freeBytes(),
      usedBytes: this.usedBytes(),
      ballast: this.#hasBallast(),
      ...(shortage === undefined ? {} : { shortage }),
    };
  }

  /** SQLite said that the disk is full. True when something was given back: then it is worth another try. */
  giveBack(): boolean {
    this.#askedMs = performance.now();
    this.#diskIsFull = true;
    return dropBallast(this.#ballast);
  }

  #ask(): void {
    this.#askedMs = performance.now();
    const { minFreeBytes, maxBytes, ballastBytes } = this.#limits;
    const free = this.#freeBytes();
    if (!this.#hasBallast() && free >= minFreeBytes + ballastBytes) this.#makeBallast();
    // Given back for a delete on a full disk: nothing grows before there is as much again, be it as ballast or free.
    const missing = !this.#hasBallast() && free < ballastBytes;
    this.#diskIsFull = missing || free < minFreeBytes;
    this.#diskIsTight = free < minFreeBytes + TIGHT_BYTES;
    this.#askedBytes = this.usedBytes();
    this.#fileIsFull = this.#askedBytes >= maxBytes;
  }

  #hasBallast(): boolean {
    const there = statSync(this.#ballast, { throwIfNoEntry: false });
    return there?.isFile() === true && there.size >= this.#limits.ballastBytes;
  }

  /** Of random bytes: a file system that compresses would keep no room for zeros. */
  #makeBallast(): void {
    const chunk = randomBytes(CHUNK_BYTES);
    let file: number | undefined;
    try {
      file = openSync(this.#ballast, 'w', 0o600);
      for (let left = this.#limits.ballastBytes; left > 0;)
        left -= writeSync(file, chunk, 0, Math.min(left, CHUNK_BYTES));
      fsyncSync(file);
    } catch {
      // No room after all, whatever the file system said: its absence is what the shortage tells.
      // What lies in its place and is no file of ours stays.
      if (file !== undefined) rmSync(this.#ballast, { force: true });
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }
}

/** The ballast of the store whose file this is. */
function ballastBeside(path: string): string {
  return join(dirname(path), 'ballast');
}

/** For a store that can't be opened because the disk is full. True when there was something to give back. */
export function giveBackBallast(path: string): boolean {
  return dropBallast(ballastBeside(path));
}

/** What lies in its place and is no file is not ours to delete, and gives nothing back. */
function dropBallast(ballast: string): boolean {
  if (statSync(ballast, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    rmSync(ballast, { force: true });
    return true;
  } catch {
    // Not ours to delete after all. Whoever asks has an error in hand that says more.
    return false;
  }
}
