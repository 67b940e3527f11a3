// A document that the store refuses without a known reason is tried some times more, and then put aside: it must not
// hold up those behind it for ever, nor be given up for what may have been a moment's trouble.
import type { DeliveryReport, Poisoned } from '../../shared/stores.js';

export interface Judgement {
  readonly delivered: readonly number[];
  readonly poisoned: readonly Poisoned[];
  /** To be tried again; they stay in the outbox. */
  readonly undecided: readonly Poisoned[];
}

export class DeliveryAttempts {
  readonly #most: number;
  /** Position → attempts so far. Of the newest batch only: what is undecided is the oldest there is, and so in it. */
  #counts = new Map<number, number>();

  constructor(most: number) {
    this.#most = most;
  }

  judge(
    entries: readonly { readonly position: number }[],
    { poisoned, undecided = [] }: DeliveryReport,
  ): Judgement {
    const dead = new Map(poisoned.map(({ index, reason }) => [index, reason]));
    const open = new Map<number, string>();
    const counts = new Map<number, number>();
    for (const { index, reason } of undecided) {
      const position = entries[index]?.position ?? 0;
      const attempts = (this.#counts.get(position) ?? 0) + 1;
      if (attempts >= this.#most) dead.set(index, `${reason} (${String(attempts)} attempts)`);
      else {
        open.set(index, reason);
        counts.set(position, attempts);
      }
    }
    this.#counts = counts;
    const withReason = (reasons: ReadonlyMap<number, string>): Poisoned[] =>
      [...reasons].map(([index, reason]) => ({ position: entries[index]?.position ?? 0, reason }));
    return {
      delivered: entries
        .filter((_, index) => !dead.has(index) && !open.has(index))
        .map(({ position }) => position),
      poisoned: withReason(dead),
      undecided: withReason(open),
    };
  }
}
