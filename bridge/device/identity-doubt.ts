// When to ask a device again who it is: one that was exchanged between two polls never fell silent, it only talks nonsense.
import type { ErrorCode } from '../../shared/errors.js';

/** What another sketch than the described one answers. */
const STRANGE: ReadonlySet<'ok' | ErrorCode> = new Set([
  'checksum',
  'wrong_echo',
  'wrong_frame',
  'empty_reply',
  'short_reply',
]);
/** One broken reply is noise. */
const FIRST_DOUBT = 3;

export class IdentityDoubt {
  /** Of all its samples, and of each that is not believed at the moment: one that is answers for itself alone. */
  #inARow = 0;
  readonly #ofEach = new Map<object, number>();
  #asksAt = FIRST_DOUBT;

  /** Takes the outcome of a read; true where it is time to ask: after 3 strange ones in a row, then 6, 12, 24 … */
  note(outcome: 'ok' | ErrorCode, sample: object): boolean {
    if (!STRANGE.has(outcome)) {
      this.#inARow = 0;
      this.#ofEach.delete(sample);
      if (this.#ofEach.size === 0) this.#asksAt = FIRST_DOUBT;
      return false;
    }
    this.#inARow += 1;
    this.#ofEach.set(sample, (this.#ofEach.get(sample) ?? 0) + 1);
    if (Math.max(this.#inARow, ...this.#ofEach.values()) < this.#asksAt) return false;
    this.#asksAt *= 2;
    return true;
  }
}
