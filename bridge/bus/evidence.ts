// Whether what goes wrong is the bus's fault or one device's: a device that is broken must not cost the others theirs.
import { HEARD_WITHIN_MS } from './silence.js';

/** So many transactions in a row fail before it is more than noise. */
const FAILURES_IN_A_ROW = 3;

export class BusEvidence {
  /** When each place last answered; who then did not acknowledge is not among them. */
  readonly #answeredMs = new Map<number, number>();
  readonly #failing = new Set<number>();
  #inARow = 0;

  /** The wire did what it should: the address answered, or nobody was there. */
  moved(place: number, answered: boolean, nowMs: number): void {
    this.forget();
    if (answered) this.#answeredMs.set(place, nowMs);
    else this.#answeredMs.delete(place);
  }

  /** True when the failures speak against the bus: in a row, and not of one device while others may be well. */
  failed(place: number, nowMs: number): boolean {
    this.#inARow += 1;
    this.#failing.add(place);
    if (this.#inARow < FAILURES_IN_A_ROW) return false;
    return this.#failing.size > 1 || !this.#othersMayBeWell(nowMs);
  }

  forget(): void {
    this.#inARow = 0;
    this.#failing.clear();
  }

  #othersMayBeWell(nowMs: number): boolean {
    return [...this.#answeredMs].some(
      ([place, answeredMs]) => !this.#failing.has(place) && nowMs - answeredMs <= HEARD_WITHIN_MS,
    );
  }
}
