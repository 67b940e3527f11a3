// Which keys the journal's table may have: a command whose key is none of them is new, and nobody need be asked.
import { keyHash } from '../rows/command-record.js';

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
