// Whether what goes wrong is the bus's fault or one device's: a device that is broken must not cost the others theirs.

/** So many transactions in a row fail before it is more than noise. */
const FAILURES_IN_A_ROW = 3;

export class BusEvidence {
  /** Places that answered when they were last heard. */
  readonly #alive = new Set<number>();
  readonly #failing = new Set<number>();
  #inARow = 0;

  /** The wire did what it should: the address answered, or nobody was there. */
  moved(place: number, answered: boolean): void {
    this.forget();
    if (answered) this.#alive.add(place);
    else this.#alive.delete(place);
  }

  /** True when the failures speak against the bus: in a row, and not of one device while others may be well. */
  failed(place: number): boolean {
    this.#inARow += 1;
    this.#failing.add(place);
    if (this.#inARow < FAILURES_IN_A_ROW) return false;
    const othersMayBeWell = [...this.#alive].some((alive) => !this.#failing.has(alive));
    return this.#failing.size > 1 || !othersMayBeWell;
  }

  forget(): void {
    this.#inARow = 0;
    this.#failing.clear();
  }
}
