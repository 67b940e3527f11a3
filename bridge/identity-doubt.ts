// When to ask a device again who it is: one that was exchanged between two polls never fell silent, it only talks nonsense.
import type { ErrorCode } from '../shared/errors.js';

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
  #inARow = 0;
  #asksAt = FIRST_DOUBT;

  /** Takes the outcome of a read; true where it is time to ask: after 3 strange ones in a row, then 6, 12, 24 … */
  note(outcome: 'ok' | ErrorCode): boolean {
    if (!STRANGE.has(outcome)) {
      this.#inARow = 0;
      this.#asksAt = FIRST_DOUBT;
      return false;
    }
    this.#inARow += 1;
    if (this.#inARow < this.#asksAt) return false;
    this.#asksAt *= 2;
    return true;
  }
}
