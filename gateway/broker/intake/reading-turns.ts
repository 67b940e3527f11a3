// What all connections together may take in one turn of the event loop, in the order in which they asked: libuv reads one
// socket up to 32 times before it looks at the next, and lets in one newcomer a turn (1.46 to 1.52, tried), so that a client
// that pours in as much as goes keeps everybody waiting for as long as a turn lasts, and newcomers for many.

/** Some 10 ms of work on a small machine. */
const SHARE_BYTES = 64 * 1024;

export class ReadingTurns {
  readonly #waiting = new Set<() => void>();
  #left = SHARE_BYTES;
  #isNextOwed = false;

  get isOver(): boolean {
    return this.#left <= 0;
  }

  took(bytes: number): void {
    this.#left -= bytes;
    this.#oweNext();
  }

  /** Calls once in a later turn, behind those that asked before. */
  awaitNext(take: () => void): void {
    this.#waiting.add(take);
    this.#oweNext();
  }

  #oweNext(): void {
    if (this.#isNextOwed) return;
    this.#isNextOwed = true;
    setImmediate(this.#begin);
  }

  readonly #begin = (): void => {
    this.#isNextOwed = false;
    this.#left = SHARE_BYTES;
    for (const take of this.#waiting) {
      if (this.isOver) break;
      this.#waiting.delete(take);
      take();
    }
    if (this.#waiting.size > 0) this.#oweNext();
  };
}
