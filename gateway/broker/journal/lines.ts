// Entries as lines with a checksum, and a bounded row of them that wait for the disk.
import { crc32 } from 'node:zlib';

/** What is written at once: made in a millisecond or two, so that nobody waits while a large state is written down. */
const CHUNK_CHARS = 128 * 1024;

export interface Chunk {
  readonly text: string;
  readonly count: number;
}

export function lineOf(entry: unknown): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16)} ${json}\n`;
}

/** Undefined where the line is not what was written. */
export function entryOf(line: string): unknown {
  const space = line.indexOf(' ');
  const json = line.slice(space + 1);
  return line.slice(0, space) === crc32(json).toString(16) ? (JSON.parse(json) as unknown) : undefined;
}

/** Made while it is read: an entry is not turned into text before its chunk is asked for. */
export function* chunksOf(entries: Iterable<unknown>): Generator<Chunk> {
  let lines: string[] = [];
  let chars = 0;
  for (const entry of entries) {
    const line = lineOf(entry);
    lines.push(line);
    chars += line.length;
    if (chars < CHUNK_CHARS) continue;
    yield { text: lines.join(''), count: lines.length };
    lines = [];
    chars = 0;
  }
  if (lines.length > 0) yield { text: lines.join(''), count: lines.length };
}

export class Lines {
  readonly #mostChars: number;
  #lines: string[] = [];
  #chars = 0;
  #overflowed = false;

  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  get size(): number {
    return this.#lines.length;
  }

  /** Whether a line had no room. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** False where it has no room. One that is alone has it: no line is longer than what a packet may bring. */
  push(line: string): boolean {
    if (this.#lines.length > 0 && this.#chars + line.length > this.#mostChars) {
      this.#overflowed = true;
      return false;
    }
    this.#lines.push(line);
    this.#chars += line.length;
    return true;
  }

  /** All, which are no longer in it. */
  take(): Chunk {
    const chunk = { text: this.#lines.join(''), count: this.#lines.length };
    this.#lines = [];
    this.#chars = 0;
    return chunk;
  }
}
