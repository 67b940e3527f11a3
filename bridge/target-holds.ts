// Who talks with which target at the moment: between the parts of a conversation nobody else speaks to it.
import type { I2cTransaction } from '../shared/ports.js';

/** A number for the place that a transaction goes to: the same address behind another channel is another place. */
export function placeOf({ address, via }: Pick<I2cTransaction, 'address' | 'via'>): number {
  return via === undefined ? address : ((via.mux + 1) * 8 + via.channel) * 128 + address;
}

/** A conversation; only its identity matters. */
export type Conversation = symbol;

export class TargetHolds {
  readonly #holders = new Map<number, Conversation>();

  /** True where somebody other than `by` talks with the target. */
  isHeldFrom(target: number, by: Conversation | undefined): boolean {
    const holder = this.#holders.get(target);
    return holder !== undefined && holder !== by;
  }

  take(target: number, by: Conversation): void {
    this.#holders.set(target, by);
  }

  releaseAll(by: Conversation): void {
    for (const [target, holder] of this.#holders) if (holder === by) this.#holders.delete(target);
  }
}
