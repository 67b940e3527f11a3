// Which keys the journal's table may have: a command whose key is none of them is new, and nobody need be asked.
import { crc32 } from 'node:zlib';

/** Of a key, so small that V8 keeps it as a plain number. Two keys with one hash cost a question, nothing else. */
export function keyHash(key: string): number {
  return crc32(key) >>> 2;
}

export class KnownKeys {
  readonly #most: number;
  #hashes = new Set<number>();

  /** Beyond `most` they are to be learnt anew: the table has forgotten many by then. */
  constructor(most: number) {
    this.#most = most;
  }

  /** From now on these, and what is added. */
  learn(hashes: Iterable<number>): void {
    this.#hashes = new Set(hashes);
  }

  has(key: string): boolean {
    return this.#hashes.has(keyHash(key));
  }

  add(key: string): void {
    this.#hashes.add(keyHash(key));
  }

  get isOverfull(): boolean {
    return this.#hashes.size > this.#most;
  }
}
